// Builds the native part with cargo and puts it beside this file. It downloads no binary. RECON378_PROFILE chooses
// cargo's profile: `release`, unless it says otherwise.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function run(command, args, options) {
  const ended = spawnSync(command, args, { cwd: here, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28, ...options });
  if (ended.error?.code === 'ENOENT') {
    throw new Error(`${command} is not there: recon378 is built from source, with rustup (https://rustup.rs) and a C toolchain`);
  }
  if (ended.error) throw ended.error;
  if (ended.status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
  return ended.stdout.toString();
}

/** The file that cargo made of the package's library. */
function built(messages) {
  for (const line of messages.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    const message = JSON.parse(line);
    if (message.reason === 'compiler-artifact' && message.target.name === 'recon378_node') return message.filenames[0];
  }
  throw new Error('cargo made no library');
}

const profile = process.env.RECON378_PROFILE ?? 'release';
const options = ['build', '--locked', '--package', 'recon378-node', '--profile', profile];
const library = built(run('cargo', [...options, '--message-format', 'json-render-diagnostics']));
// A process that has the old one open keeps it.
copyFileSync(library, join(here, 'recon378.node.new'));
renameSync(join(here, 'recon378.node.new'), join(here, 'recon378.node'));

if (!existsSync(join(here, 'node_modules', 'apache-arrow'))) {
  // Another project links this folder: npm builds it, but does not install what it needs.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const clean = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
  const install = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  run(npm, install, { env: Object.fromEntries(clean), shell: process.platform === 'win32' });
}
