import { createWorkbench, isMuflowError, nearest } from '@muflow/core';
import { Command, CommanderError, Option } from 'commander';
import { check } from './commands/check.js';
import { type DistanceOptions, distance } from './commands/distance.js';
import { list } from './commands/list.js';
import { newPlugin } from './commands/newPlugin.js';
import { type PredictOptions, predict } from './commands/predict.js';
import { type RunOptions, run } from './commands/run.js';
import { type SolveFlags, solve } from './commands/solve.js';
import { loadPlugins, ownPlugins } from './plugins.js';
import { wholeNumber } from './settings.js';
import { processTerminal, type Terminal } from './terminal.js';
import { version } from './version.js';

/** Exit codes: 0 done, 1 a claim failed or a run diverged, 2 bad input, 70 a defect of muflow, 130 interrupted. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let code = 0;
  const done = (value: number): void => {
    code = value;
  };
  const program = commands(terminal, done);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return report(error, program, argv.includes('--json'), terminal);
  }
}

const repeated = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

function commands(terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command('muflow');
  program
    .description('Flows of measures: learning, transport and games in one framework.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: () => undefined })
    .showHelpAfterError(false)
    .showSuggestionAfterError(true);
  const plugins = (): Option =>
    new Option('--plugin <package or path>', 'a further plugin; may be repeated').argParser(repeated).default([]);

  program
    .command('list')
    .description('what is registered, with one-line titles and references')
    .argument(
      '[kind]',
      'spaces, energies, metrics, steppers, games, initials, recorders, jumps, backends, studies or plugins',
    )
    .option('--json', 'one JSON document, with the schemas of parameters')
    .addOption(plugins())
    .action(async (kind: string | undefined, options: { json?: boolean; plugin: readonly string[] }) => {
      const loaded = await loadPlugins(options.plugin, process.cwd());
      const workbench = createWorkbench({ plugins: [...ownPlugins, ...loaded] });
      done(list(workbench.registry, kind, options, terminal));
      await workbench.dispose();
    });

  program
    .command('run')
    .description('run a study, a problem or a batch')
    .argument('<study id or config.json>')
    .option('--set <path=value>', 'set a parameter; @file stands for the text of a file; may be repeated', repeated, [])
    .option('--seed <n>', 'seed of all random numbers')
    .option('--threads <n>', 'number of threads; results do not depend on it')
    .option('--backend <id>', 'id of a registered backend')
    .option('--out <dir>', 'write config.json, frames.npz, metrics.csv, report.html and result.json there')
    .option('--json', 'one JSON document on stdout')
    .option('--resume', 'go on from what an interrupted command left in --out')
    .addOption(plugins())
    .addHelpText(
      'after',
      '\nWith a study id, paths of --set begin at its parameters; with a file, at the top of the config.',
    )
    .action(async (target: string, options: RunOptions) => done(await run(target, options, terminal)));

  program
    .command('solve')
    .description('the value of a zero-sum game with a proven bracket, and strategies that reach it')
    .argument(
      '<payoff>',
      'a formula in x (minimizes) and y (maximizes), a Gambit file game.nfg, or a game such as zero-sum/bell',
    )
    .option(
      '--x <space>',
      'space of x: intervals "[-1,1],[0,2]" (then x[0], x[1]), torus(d), sphere(d), simplex(k), or a product',
    )
    .option('--y <space>', 'space of y')
    .option('--tol <width>', 'width of the bracket that is asked for', '1e-6')
    .option('--dynamics <id>', 'force the dynamics that find the supports')
    .option('--seed <n>', 'seed of all random numbers')
    .option('--steps <n>', 'most rounds')
    .option('--budget <seconds>', 'ends after this time with the best bracket so far')
    .option('--set <path=value>', 'set a parameter of a registered game; may be repeated', repeated, [])
    .option('--json', 'one JSON document on stdout')
    .addOption(plugins())
    .addHelpText('after', '\nExit code 0: certified to the tolerance; 1: not within the budget; 2: bad input.')
    .action(async (payoff: string, flags: SolveFlags) => done(await solve(payoff, flags, terminal)));

  program
    .command('distance')
    .description('how far apart two measures are, between proven bounds')
    .argument(
      '<kind>',
      'w2, wfr, fr, sinkhorn, sliced, mmd, energy, bures, gh (Gaussian-Hellinger) or bl (bounded Lipschitz)',
    )
    .argument('<a>', 'comma-separated values, a row per atom (last column headed mass if weighted), or an array .npy')
    .argument('<b>', 'the other measure')
    .option('--p <order>', 'order of the Wasserstein distance (w2, sinkhorn; default 2)')
    .option(
      '--cost <formula>',
      'cost of moving a unit of mass, in x and y, in place of a power of the distance (w2, sinkhorn)',
    )
    .option('--eps <weight>', 'weight of the entropy, in the units of the cost (sinkhorn)')
    .option('--rho <weight>', 'weight of the marginals, for measures of different masses (sinkhorn; gh, default 1)')
    .option('--tol <error>', 'error of the marginals to stop at, per mass (sinkhorn; default 1e-9)')
    .option('--debiased', 'the divergence that is 0 between equal measures (sinkhorn)')
    .option('--alpha <rate>', 'reaction rate (wfr, fr; default 1)')
    .option(
      '--cone <measures>',
      'probability or positive: which paths count (wfr, default positive; fr, as the totals are)',
    )
    .option('--directions <n>', 'how many, or all (in the plane), or a file with a row each (sliced; default 100)')
    .option('--seed <n>', 'seed of the directions (sliced)')
    .option('--width <length>', 'width of the Gaussian kernel (mmd; default 1)')
    .option('--kernel <formula>', 'another kernel, in x and y (mmd)')
    .option('--unbiased', 'leave out the pairs of an atom with itself (mmd)')
    .option('--space <space>', 'where the atoms are, such as torus(2); default Euclidean')
    .option('--plan <file.csv>', 'write what goes from where to where')
    .option('--geodesic <file.csv | file.svg>', 'write, or draw, the atoms of the shortest path at several times')
    .option('--times <n>', 'how many times from 0 to 1 --geodesic takes (default 11, 5 in a drawing)')
    .option('--out <file.svg>', 'draw both measures and the plan')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExit code 0: found; 1: not within the iterations allowed; 2: bad input.')
    .action((kind: string, a: string, b: string, options: DistanceOptions) =>
      done(distance(kind, [a, b], options, terminal)),
    );

  program
    .command('predict')
    .description('predictions of a trained model for every row of a table, or every set of points')
    .argument('<model>', 'the folder of a run that has trained one, or its model.json')
    .argument(
      '<data>',
      'comma-separated values with the columns it was trained on, or an array .npy; for sets a column set too, or .npz',
    )
    .option('--out <file>', 'write the predictions to a .csv or .npy file')
    .option('--json', 'one JSON document on stdout')
    .action(async (model: string, data: string, options: PredictOptions) =>
      done(await predict(model, data, options, terminal)),
    );

  program
    .command('check')
    .description('run every law on what a plugin registers')
    .argument('<plugin package or path>')
    .option('--json', 'one JSON document on stdout')
    .option('--seed <n>', 'seed of the random cases', '1')
    .option('--runs <n>', 'random cases per law')
    .action(async (specifier: string, options: { json?: boolean; seed: string; runs?: string }) =>
      done(
        await check(
          specifier,
          {
            json: options.json === true,
            seed: wholeNumber(options.seed, 'check --seed', 0),
            ...(options.runs !== undefined && { runs: wholeNumber(options.runs, 'check --runs', 1) }),
          },
          terminal,
        ),
      ),
    );

  const create = program.command('new').description('make something new');
  create
    .command('plugin')
    .description('a working plugin with its test and example')
    .argument('<name>')
    .option('--dir <path>', 'folder to make; default the name')
    .action((name: string, options: { dir?: string }) => done(newPlugin(name, options, terminal)));
  return program;
}

/** One line on stderr; with --json also one document on stdout. */
function report(error: unknown, program: Command, json: boolean, terminal: Terminal): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { message, code, path, exit } = describe(error, program);
  terminal.log.write(`${message}\n`);
  if (process.env.MUFLOW_DEBUG !== undefined && error instanceof Error) terminal.log.write(`${error.stack}\n`);
  if (json) terminal.out(`${JSON.stringify({ error: { code, message, ...(path !== undefined && { path }) } })}\n`);
  return exit;
}

interface Told {
  readonly message: string;
  readonly code: string;
  readonly path?: string | undefined;
  readonly exit: number;
}

function describe(error: unknown, program: Command): Told {
  if (isMuflowError(error)) return { message: error.message, code: error.code, path: error.path, exit: 2 };
  if (error instanceof CommanderError) return { message: usage(error, program), code: 'invalid-argument', exit: 2 };
  const text = error instanceof Error ? error.message : String(error);
  const message = `[muflow] something went wrong that should not, got ${text}, expected no such thing. Fix: set MUFLOW_DEBUG=1 to see where, and report it.`;
  return { message, code: 'internal', exit: 70 };
}

/** What commander says, in the form of all our errors. */
function usage(error: CommanderError, program: Command): string {
  const names = program.commands.map((command) => command.name());
  if (error.code === 'commander.help') return program.helpInformation();
  const text = error.message.replace(/^error: /, '').split('\n');
  const unknown = /^unknown command '(.*)'$/.exec(text[0])?.[1];
  if (unknown !== undefined) {
    const near = nearest(unknown, names, 1);
    const fix = near.length > 0 ? `did you mean muflow ${near[0]}?` : 'see muflow --help.';
    return `[muflow] there is no such command, got ${JSON.stringify(unknown)}, expected one of ${names.join(', ')}. Fix: ${fix}`;
  }
  const hint =
    text[1] === undefined ? 'see muflow --help, or --help after a command.' : text[1].replace(/^\(|\)$/g, '');
  return `[muflow] the command line is not understood, got ${text[0]}, expected the arguments that --help lists. Fix: ${hint}`;
}
