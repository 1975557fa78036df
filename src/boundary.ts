/**
 * The moments at which a crash could hurt: around every commit, model call and tool.
 *
 * The code names each of them as it passes; tests listen, and kill the process at each in turn. The
 * list of points is thus made by running, not by hand.
 */
let listener: ((name: string) => void) | undefined;

/** Sets what is told of every boundary from now on; undefined ends it. For tests. */
export function onBoundary(listen: ((name: string) => void) | undefined): void {
  listener = listen;
}

/** Passes a boundary. */
export function boundary(name: string): void {
  listener?.(name);
}
