/** Times in words. */
import { useEffect, useState } from 'preact/hooks';

const steps = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** "5 minutes ago". */
export function ago(time: string): string {
  const passed = Date.now() - Date.parse(time);
  const step = steps.find(([, ms]) => passed >= ms);
  return step ? relative.format(-Math.floor(passed / step[1]), step[0]) : 'just now';
}

/** "2 h 5 min", "4 min 12 s", "9 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([number]) => number > 0);
  if (first === -1) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([number]) => number > 0);
  return shown.map(([number, unit]) => `${number} ${unit}`).join(' ');
}

/** The time left until a moment, in milliseconds, counted down by the second. */
export function useTimeLeft(until: string): number {
  const [left, setLeft] = useState(() => Date.parse(until) - Date.now());
  useEffect(() => {
    const tick = () => setLeft(Date.parse(until) - Date.now());
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

const hours = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;

/** "14:05:09", where the person is; with the day, if that is not today. */
export function clock(time: string): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  const day = isToday ? {} : ({ day: 'numeric', month: 'short' } as const);
  return date.toLocaleString('en-GB', { ...day, ...hours });
}
