import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const here = import.meta.dirname;
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rapport');
const binary = join(process.env.CARGO_TARGET_DIR || join(cache, 'target'), 'debug', 'rapport');

/** Loading the demo house and building its index must end within this. */
const START_MS = 90_000;
/** Streams and requests end in under 5 s after SIGTERM, whoever is still connected. */
const STOP_MS = 5_000;

/** The server as it is shipped, with the demo house in a store of its own. */
export class Server {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #data: string;
  readonly #log: string;
  /** The exit code, the signal that ended it, or why it could not be started. */
  readonly #exited: Promise<number | string>;
  #ended: number | string | undefined;

  private constructor(port: number, name: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#data = mkdtempSync(join(tmpdir(), 'rapport-'));
    mkdirSync(resolve(here, '../logs'), { recursive: true });
    this.#log = resolve(here, `../logs/server-${name}.log`);
    const log = openSync(this.#log, 'w');
    const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('RAPPORT_'));
    this.#child = spawn(binary, ['serve', '--demo'], {
      cwd: this.#data,
      stdio: ['ignore', log, log],
      env: {
        ...Object.fromEntries(inherited),
        RAPPORT_ADDR: `127.0.0.1:${port}`,
        RAPPORT_DATA_DIR: this.#data,
        RAPPORT_SITE_ROOT: resolve(here, '../../site'),
      },
    });
    closeSync(log);
    this.#exited = new Promise((done) => {
      const end = (how: number | string) => done((this.#ended = how));
      this.#child.once('error', (error) => end(error.message));
      this.#child.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'));
    });
  }

  /** Starts it and waits until it is ready. `name` tells its log from others. */
  static async start(name: string): Promise<Server> {
    const server = new Server(await freePort(), name);
    const deadline = Date.now() + START_MS;
    while (!(await server.#isReady())) {
      if (server.#ended !== undefined || Date.now() > deadline) {
        const how = server.#ended ?? `not ready after ${START_MS} ms`;
        await server.#clear();
        throw new Error(`the server did not start: ${how}; the end of its log:\n${server.#tail()}`);
      }
      await sleep(100);
    }
    return server;
  }

  /** Ends it as a service manager would, and complains when that takes too long. */
  async stop(): Promise<void> {
    const began = Date.now();
    this.#child.kill('SIGTERM');
    const code = await Promise.race([this.#exited, sleep(2 * STOP_MS, 'running' as const)]);
    const took = Date.now() - began;
    await this.#clear();
    if (code !== 0 || took > STOP_MS) {
      throw new Error(`after SIGTERM: ${code}, ${took} ms; the end of its log:\n${this.#tail()}`);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  async #clear(): Promise<void> {
    if (this.#ended === undefined) {
      this.#child.kill('SIGKILL');
      await this.#exited;
    }
    rmSync(this.#data, { recursive: true, force: true });
  }

  #tail(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-40).join('\n');
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP socket has an address and a port');
  await new Promise((closed) => probe.close(closed));
  return address.port;
}
