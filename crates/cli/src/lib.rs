//! The recon378 program: reconcile two files from the command line. It is a library so that the packages of other
//! languages carry the same program.
//!
//! It holds no logic of its own: arguments become a spec, the library runs it, the outcome becomes text. What it
//! adds is manners: exit codes a script can act on, one place for errors, a stop that leaves nothing half-written.

mod args;
mod check;
mod compare;
mod demo;
mod diff;
mod exit;
mod explain;
mod reading;
mod run;
mod sources;
mod terminal;

use args::{Arguments, Command};
use clap::{CommandFactory as _, Parser as _};
use exit::{Failure, Verdict};
use std::ffi::OsString;
use std::io::Write as _;

/// Runs the program with these arguments, the program's own name first, and returns its exit code.
///
/// It takes over the process: it prints, listens for Ctrl-C and silences the default message of panics.
pub fn program(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    // The library turns panics into errors that say more than the default message would.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing is left to do where even the help can't be written.
            let _written = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
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
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
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
