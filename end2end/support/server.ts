import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Letter, readLetter } from './letters.ts';

const here = import.meta.dirname;
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rapport');
const built = join(process.env.CARGO_TARGET_DIR || join(cache, 'target'), 'debug');

/** What is run: the server as it is shipped, or the one whose clock can be moved. */
const programs = {
  shipped: { file: join(built, 'rapport'), args: ['serve', '--demo'] },
  movable: { file: join(built, 'examples', 'house_under_test'), args: [] },
} as const;

/** Loading the demo house and building its index must end within this. */
const START_MS = 90_000;
/** Streams and requests end in under 5 s after SIGTERM, whoever is still connected. */
const STOP_MS = 5_000;

/** A server with the demo house in a store of its own. */
export class Server {
  readonly url: string;
  readonly #port: number;
  readonly #program: keyof typeof programs;
  readonly #data: string;
  readonly #log: string;
  #child!: ChildProcess;
  /** The exit code, the signal that ended it, or why it could not be started. */
  #exited!: Promise<number | string>;
  #ended: number | string | undefined;

  private constructor(port: number, name: string, program: keyof typeof programs) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#program = program;
    this.#data = mkdtempSync(join(tmpdir(), 'rapport-'));
    mkdirSync(this.#returned);
    mkdirSync(resolve(here, '../logs'), { recursive: true });
    this.#log = resolve(here, `../logs/server-${name}.log`);
    rmSync(this.#log, { force: true });
  }

  /** Starts it and waits until it is ready. `name` tells its log from others. */
  static async start(name: string, program: keyof typeof programs = 'shipped'): Promise<Server> {
    const server = new Server(await freePort(), name, program);
    await server.#run();
    return server;
  }

  /** Moves the clock of a movable server forward. What is due by then happens within a second. */
  async moveOn(seconds: number): Promise<void> {
    if (this.#program !== 'movable') throw new Error('the clock of the shipped server is the machine\'s');
    const { stdin } = this.#child;
    if (!stdin?.write(`+${seconds}\n`)) await once(stdin!, 'drain');
  }

  /** The letters that have left: this server hands them over as files. */
  letters(): Letter[] {
    if (!existsSync(this.#sent)) return [];
    const files = readdirSync(this.#sent).filter((name) => name.endsWith('.eml'));
    return files.map((name) => readLetter(readFileSync(join(this.#sent, name))));
  }

  /** Returns a mail to the house. It is read within a minute. */
  returnMail(name: string, mail: string): void {
    const written = join(this.#data, name);
    writeFileSync(written, mail);
    // Whole, as mail servers deliver.
    renameSync(written, join(this.#returned, name));
  }

  get #sent(): string {
    return join(this.#data, 'sent');
  }

  get #returned(): string {
    return join(this.#data, 'returned');
  }

  /** Ends it as a power cut would, between two instructions. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Ends it, if it still runs, and removes its store. */
  async remove(): Promise<void> {
    await this.#clear();
  }

  /** Starts it again on the store that it left, at the same address. */
  async startAgain(): Promise<void> {
    if (this.#ended === undefined) throw new Error('it still runs');
    await this.#run();
  }

  async #run(): Promise<void> {
    const { file, args } = programs[this.#program];
    const log = openSync(this.#log, 'a');
    const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('RAPPORT_'));
    this.#ended = undefined;
    const child = spawn(file, args, {
      cwd: this.#data,
      stdio: [this.#program === 'movable' ? 'pipe' : 'ignore', log, log],
      env: {
        ...Object.fromEntries(inherited),
        RAPPORT_ADDR: `127.0.0.1:${this.#port}`,
        RAPPORT_DATA_DIR: this.#data,
        RAPPORT_SITE_ROOT: resolve(here, '../../site'),
        RAPPORT_MAIL: `file:${this.#sent}`,
        RAPPORT_MAIL_FROM: 'The Cedars <greetings@cedars.example>',
        RAPPORT_RETURNS: `dir:${this.#returned}`,
      },
    });
    closeSync(log);
    this.#child = child;
    this.#exited = new Promise((done) => {
      const end = (how: number | string) => done((this.#ended = how));
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'));
    });
    const deadline = Date.now() + START_MS;
    while (!(await this.#isReady())) {
      if (this.#ended !== undefined || Date.now() > deadline) {
        const how = this.#ended ?? `not ready after ${START_MS} ms`;
        await this.#clear();
        throw new Error(`the server did not start: ${how}; the end of its log:\n${this.#tail()}`);
      }
      await sleep(100);
    }
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
