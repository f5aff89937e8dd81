#!/usr/bin/env node
// Written so that old Node versions can read it: they get a clear line, or the Node that `npm ci` installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const lowestMajor = 24; // runs TypeScript, has node:sqlite; "engines" in package.json says the same
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** @param {string} relative */
function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function runHere() {
  if (process.env.TODOKU_WRAPPED) {
    delete process.env.TODOKU_WRAPPED;
    // A wrapper that was killed cannot pass that on; without this its mail would go on behind everybody's back.
    process.on('disconnect', function () {
      process.kill(process.pid, 'SIGKILL');
    });
    if (process.channel) process.channel.unref();
  }
  // Keeps compiled code between runs: a start then costs 0.2 s of CPU instead of 0.55 s. In the package's own folder, since
  // whoever could write the cache could run code as us; where that folder is read-only it goes without. Threads read the variable.
  if (!process.env.NODE_COMPILE_CACHE) {
    const cache = module.enableCompileCache(pathOf('../.compile-cache'));
    if (cache.directory) process.env.NODE_COMPILE_CACHE = cache.directory;
  }
  // A checkout runs its sources; Node runs no TypeScript under node_modules, so the package carries dist/.
  const entry = existsSync(pathOf('../src/app/main.ts')) ? '../src/app/main.ts' : '../dist/src/app/main.js';
  return import(new URL(entry, import.meta.url).href);
}

/** @param {string} node */
function runWith(node) {
  const environment = Object.assign({}, process.env, { TODOKU_WRAPPED: '1' });
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment,
  });
  forwarded.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on('error', function (error) {
    console.error('todoku: ' + node + ': ' + error.message);
    process.exit(2);
  });
  child.on('exit', function (code, signal) {
    // Shells report a process ended by a signal as 128 + its number.
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

function refuse() {
  const japanese = /^ja/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '');
  const needed = 'Node.js ' + lowestMajor;
  console.error(
    japanese
      ? 'todoku: ' +
          needed +
          ' 以上が必要です（今は ' +
          process.version +
          '）。`npm ci` を実行するか、新しい Node.js を入れてください'
      : 'todoku: needs ' +
          needed +
          ' or newer, this is ' +
          process.version +
          ' — run `npm ci` or install a newer Node.js',
  );
  process.exit(2);
}

const installed = pathOf('../node_modules/node/bin/node');

// No `await` here: Node 12 could not even read it.
if (parseInt(process.versions.node, 10) >= lowestMajor) {
  runHere().catch(
    /** @param {unknown} error */ function (error) {
      console.error(error);
      process.exit(70);
    },
  );
} else if (!process.env.TODOKU_WRAPPED && existsSync(installed)) {
  runWith(installed);
} else {
  refuse();
}
