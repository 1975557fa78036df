/** Plays random cases in a thread, and tells what it met. An error ends the thread, and is its parent's. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkTurns } from './random-turns.ts';

parentPort?.postMessage(await checkTurns(workerData));
