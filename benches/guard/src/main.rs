//! Counts the instructions of the per-record paths of core under valgrind and compares them with `guard.toml`.
//!
//! Instructions, because they are the same on a busy machine; time is measured by the benches. A count is that of a
//! program that sets up and works, less that of one that only sets up, so that no symbol has to be found. One thread:
//! what several threads do while they wait is not work.
//!
//! `guard check` fails where a count is more than 5 % above the stored one, `guard update` stores the counts of this
//! tree. `guard work NAME` and `guard setup NAME` are what runs under valgrind.

mod works;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use works::Work;

/// How far a count may rise, in percent.
const RISE_MAX: u64 = 5;

type Counts = BTreeMap<String, u64>;
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that a person runs")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check"] => counts().and_then(|counts| check(&stored()?, &counts)),
        ["update"] => counts().and_then(|counts| update(&counts)),
        [mode @ ("work" | "setup"), name] => run(name, *mode == "work"),
        _ => Err("usage: guard check | update | work NAME | setup NAME".into()),
    };
    match done {
        Ok(told) => {
            print!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("guard: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Sets a work up and, if asked, does it.
fn run(name: &str, work: bool) -> Outcome<String> {
    let named = Work::ALL.into_iter().find(|one| one.name() == name).ok_or("no such work")?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| named.run(work)).map_err(|error| error.to_string())?;
    Ok(String::new())
}

fn counts() -> Outcome<Counts> {
    Work::ALL
        .into_iter()
        .map(|work| {
            let (all, setup) = (count("work", work.name())?, count("setup", work.name())?);
            Ok((work.name().to_owned(), all.saturating_sub(setup)))
        })
        .collect()
}

/// Instructions of this program under valgrind.
fn count(mode: &str, name: &str) -> Outcome<u64> {
    let run = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([mode, name])
        .output()
        .map_err(|error| format!("valgrind is needed (apt-get install valgrind): {error}"))?;
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    if !run.status.success() {
        return Err(format!("{mode} {name} failed:\n{said}").into());
    }
    // `==123== I refs:        1,234,567`
    let line = said.lines().find(|line| line.contains("I refs:") || line.contains("I   refs:"));
    let digits: String = line
        .and_then(|line| line.rsplit(':').next())
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    Ok(digits.parse().map_err(|_| format!("valgrind told no count:\n{said}"))?)
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../guard.toml")
}

fn stored() -> Outcome<Counts> {
    let table: toml::Table = std::fs::read_to_string(path())?.parse()?;
    let count = |value: &toml::Value| value.as_integer().and_then(|count| u64::try_from(count).ok());
    table
        .iter()
        .map(|(name, value)| {
            Ok((name.clone(), count(value).ok_or("guard.toml: a count is no whole number")?))
        })
        .collect()
}

fn check(stored: &Counts, counts: &Counts) -> Outcome<String> {
    let (told, risen) = compare(stored, counts);
    if risen {
        Err(format!("more than {RISE_MAX} % above benches/guard.toml\n{told}").into())
    } else {
        Ok(told)
    }
}

/// A line per work, and whether one has risen too far. A work without a stored count has.
fn compare(stored: &Counts, counts: &Counts) -> (String, bool) {
    let mut told = String::new();
    let mut risen = false;
    for (name, count) in counts {
        let Some(before) = stored.get(name).filter(|before| **before > 0) else {
            risen = true;
            let _ = writeln!(told, "{name:10} {count:>14} instructions, none stored: run make guard-update");
            continue;
        };
        let grew = u128::from(*count) * 100 > u128::from(*before) * u128::from(100 + RISE_MAX);
        let falls = u128::from(*count) * 100 < u128::from(*before) * u128::from(100 - RISE_MAX);
        let note = if grew {
            ": too many"
        } else if falls {
            ": fewer, make guard-update keeps it so"
        } else {
            ""
        };
        let _ = writeln!(told, "{name:10} {count:>14} instructions, {before} stored{note}");
        risen |= grew;
    }
    (told, risen)
}

fn update(counts: &Counts) -> Outcome<String> {
    let mut text = String::from(
        "# Instructions of the per-record paths of core, written by `make guard-update`. The sizes of the works stand\n\
         # in benches/guard/src/works.rs; the toolchain is pinned in rust-toolchain.toml.\n",
    );
    for (name, count) in counts {
        writeln!(text, "{name} = {count}")?;
    }
    std::fs::write(path(), &text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, u64)]) -> Counts {
        of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn a_rise_of_more_than_five_percent_fails() {
        let stored = counts(&[("solve", 1_000)]);
        for (count, fails) in [(900, false), (1_000, false), (1_050, false), (1_051, true)] {
            assert_eq!(check(&stored, &counts(&[("solve", count)])).is_err(), fails, "{count}");
        }
        assert!(check(&stored, &counts(&[("other", 1)])).is_err(), "a work without a stored count");
    }

    #[test]
    fn every_work_has_a_stored_count() {
        let stored = stored().unwrap();
        for work in Work::ALL {
            assert!(stored.contains_key(work.name()), "{}", work.name());
        }
    }

    #[test]
    fn every_work_runs() {
        for work in Work::ALL {
            run(work.name(), true).unwrap();
        }
    }
}
