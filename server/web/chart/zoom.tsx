/** How large a chart is drawn: as wide as its place, or by a factor, chosen by buttons and keys. */
import { useLayoutEffect, useState } from 'preact/hooks';

/** The factors that the buttons go through. */
const factors = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

/** Below this factor the letters of a chart cannot be read. */
const readableMin = 0.75;

export interface Zoom {
  /** By which the chart's own size is multiplied. */
  readonly factor: number;
  /** How wide what is inside of its place may be without being scrolled, in whole pixels. */
  readonly room: number;
  /** Whether the chart is as wide as its place, however wide that becomes. */
  readonly isFit: boolean;
  smaller(): void;
  larger(): void;
  fit(): void;
  full(): void;
}

/**
 * Until somebody chooses, a chart fits its place where it can be read so, and has its own size elsewhere.
 *
 * @param place what the chart is drawn in
 * @param width the chart's own, in pixels
 */
export function useZoom(place: { readonly current: HTMLElement | null }, width: number): Zoom {
  const [chosen, choose] = useState<number | 'fit'>();
  const room = useRoom(place);
  const fitting = Math.min(1, room / width);
  const choice = chosen ?? (fitting < readableMin ? 1 : 'fit');
  const factor = choice === 'fit' ? fitting : choice;
  // A hair's breadth is no difference.
  const next = (one: number | undefined) => one !== undefined && choose(one);
  return {
    factor,
    room,
    isFit: choice === 'fit',
    smaller: () => next(factors.findLast((one) => one < factor - 0.01)),
    larger: () => next(factors.find((one) => one > factor + 0.01)),
    fit: () => choose('fit'),
    full: () => choose(1),
  };
}

function useRoom(place: { readonly current: HTMLElement | null }): number {
  const [room, setRoom] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return;
    const measure = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(box);
      const inside = box.clientWidth - Number.parseFloat(paddingLeft);
      setRoom(Math.floor(inside - Number.parseFloat(paddingRight)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return room;
}

/** The keys that do the same while the chart has the focus. */
export function zoomByKey(zoom: Zoom, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const byKey = { '+': zoom.larger, '=': zoom.larger, '-': zoom.smaller, '0': zoom.fit };
  const act = byKey[event.key as keyof typeof byKey];
  if (!act) return;
  event.preventDefault();
  act();
}

export function ZoomControls({ zoom }: { readonly zoom: Zoom }) {
  const { factor, isFit } = zoom;
  return (
    <fieldset class="zoom">
      <legend class="unseen">Size of the chart</legend>
      <button type="button" aria-label="Smaller" title="Smaller (-)" onClick={zoom.smaller}>
        −
      </button>
      <button type="button" aria-label="Larger" title="Larger (+)" onClick={zoom.larger}>
        +
      </button>
      <button type="button" aria-pressed={isFit} title="Fit (0)" onClick={zoom.fit}>
        Fit
      </button>
      <button type="button" aria-pressed={!isFit && factor === 1} onClick={zoom.full}>
        100 %
      </button>
      <output class="unseen">{Math.round(factor * 100)} %</output>
    </fieldset>
  );
}
