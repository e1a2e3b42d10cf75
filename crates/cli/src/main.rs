//! The recon378 program: reconcile two files from the command line.
//!
//! It holds no logic of its own: arguments become a spec, the library runs it, the outcome becomes text. What it
//! adds is manners: exit codes a script can act on, one place for errors, a stop that leaves nothing half-written.

mod args;
mod check;
mod demo;
mod exit;
mod run;
mod sources;
mod terminal;

use args::{Arguments, Command};
use clap::{CommandFactory as _, Parser as _};
use exit::{Failure, Verdict};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The library turns panics into errors that say more than the default message would.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments = Arguments::parse();
    let json = arguments.command.is_json();
    match std::panic::catch_unwind(|| dispatch(arguments.command)) {
        Ok(Ok(verdict)) => verdict.code(),
        Ok(Err(failure)) => failure.report(json),
        Err(_) => {
            Failure::ours("the program gave up. This is a bug of recon378: please report it").report(json)
        }
    }
}

fn dispatch(command: Command) -> Result<Verdict, Failure> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Schema => {
            terminal::print(&recon378::spec::json_schema())?;
            Ok(Verdict::Clean)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "recon378", &mut script);
            anstream::stdout().write_all(&script)?;
            Ok(Verdict::Clean)
        }
    }
}
