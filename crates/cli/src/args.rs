//! What a person types.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use recon378::Format;
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    done, and found what --fail-on names
  2    a mistake in the spec, the data or the call; every one is listed
  3    a bug of recon378
  130  stopped by Ctrl-C; nothing is half-written";

/// Reconciles the records of two sources and accounts for every difference that is left.
#[derive(Debug, Parser)]
#[command(
    name = "recon378",
    version,
    styles = STYLES,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = EXIT_CODES,
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reconcile two sources, or find the duplicates of one: by a spec, or files by the fields that must be equal
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// Say what a spec would do and would have to look at, in words, and list all its mistakes; matches nothing
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Compare two versions of a table: rows on one side only, cells that differ, by how much
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArguments),
    /// Tell the full story of a record or a group of an outcome: what held, who else was there, what they lacked
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// Say what a change of rules would do: groups that appear, vanish and change between two outcomes or specs
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArguments),
    /// Print the JSON Schema of specs, for editors
    Schema,
    /// Write an example (a bank's CSV export, a ledger in Parquet, a spec) and run it
    Demo(DemoArguments),
    /// Print the completion script of a shell
    #[command(
        after_help = "Example:\n  recon378 completions bash > ~/.local/share/bash-completion/completions/recon378"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether standard output holds JSON and nothing else.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Run(arguments) => arguments.json,
            Self::Check(arguments) => arguments.json,
            Self::Compare(arguments) => arguments.json,
            Self::Explain(arguments) => arguments.json,
            Self::Diff(arguments) => arguments.json,
            _ => false,
        }
    }
}

/// What the machine may give to the work.
#[derive(Debug, Args)]
pub(crate) struct HostArguments {
    /// Threads; default: as many as the machine has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// The most memory to take, such as 512MB, 2GB or 1.5GiB; passing it is an error
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    memory: Option<u64>,
}

impl HostArguments {
    /// As builders take it: 0 is as many as the machine has.
    pub(crate) fn threads(&self) -> usize {
        self.threads.map_or(0, usize::from)
    }

    /// In bytes.
    pub(crate) fn memory_limit(&self) -> u64 {
        self.memory.unwrap_or(u64::MAX)
    }
}

const RUN_EXAMPLES: &str = "\
Examples:
  recon378 run recon.toml --out result/
  recon378 run bank.csv ledger.csv --on account,currency,reference,amount --save recon.toml
  recon378 run bank.csv ledger.xlsx --on reference=doc_no,amount:Betrag=amt --read left.encoding=windows-1252 \\
      --read left.decimal=, --read right.sheet=Postings
  recon378 run customers.csv --on email --out duplicates/
  zcat export.csv.gz | recon378 run - ledger.parquet --on reference,amount
  recon378 run recon.toml --json --fail-on breaks,proposed
  recon378 run recon.toml --out result/ --format xlsx --threads 2 --memory 2GB

Files are text with delimiters (.csv .tsv .psv .txt), JSON (.json .ndjson .jsonl), workbooks (.xlsx .xlsm .xlsb
.xls .ods), Parquet (.parquet .pq) or Arrow IPC (.arrow .arrows .feather .ipc), each also packed (.gz .zst .zip);
a folder or a pattern in quotes ('2026-*.csv') stands for its files, - for standard input.
A spec says more: tolerances, dates, several passes. Start from --save.";

const CHECK_EXAMPLES: &str = "\
Examples:
  recon378 check recon.toml
  recon378 check recon.toml --schemas-only
  recon378 check recon.toml --memory 2GB
  recon378 check recon.toml --json";

const COMPARE_EXAMPLES: &str = "\
Examples:
  recon378 compare before.parquet after.parquet --key id
  recon378 compare old.csv new.csv --key account,date --rename amount=amt --within amount=0.01 --out result/
  recon378 compare old.csv new.csv --key id --ignore loaded_at --json --fail-on-differences
  recon378 compare old.parquet new.parquet --key id --threads 2 --memory 2GB --times";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  recon378 explain result/ --record bank:4711
  recon378 explain result/ --record 'ledger#17'
  recon378 explain recon.toml --group 42 --json

A result folder is run again from its manifest, and refused where that gives another outcome: with run --hashes
whatever changed in its files is noticed, without it what the tables in the folder show.";

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("subject").required(true).args(["record", "group"])))]
pub(crate) struct ExplainArguments {
    /// A result folder, or a spec (.toml or .json), which is run
    #[arg(value_name = "RESULT | SPEC")]
    pub(crate) result: PathBuf,
    /// A record: SOURCE:ID, or SOURCE#ROW with the row from 0; sources by their names, or left and right
    #[arg(long, value_name = "SOURCE:ID | SOURCE#ROW")]
    pub(crate) record: Option<String>,
    /// Which of several records with this id, in canonical order from 1
    #[arg(long, value_name = "N", requires = "record")]
    pub(crate) occurrence: Option<u32>,
    /// A group, by its `group_id`
    #[arg(long, value_name = "GROUP_ID")]
    pub(crate) group: Option<u64>,
    #[command(flatten)]
    pub(crate) host: HostArguments,
    /// Print the story as JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  recon378 diff result_a/ result_b/
  recon378 diff old.toml new.toml
  recon378 diff result/ new.toml --out diff/ --format csv
  recon378 diff old.toml new.toml --json --fail-on-changes

A folder is one that run --out has written, in any format but xlsx. A spec is run on the files it names.";

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The outcome before: its folder, or a spec (.toml or .json) that is run
    pub(crate) old: PathBuf,
    /// The outcome after
    pub(crate) new: PathBuf,
    /// Write the groups, records and terms of the tie-out that differ into this folder, whole or not at all
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Format of the tables: parquet, csv, ndjson, arrow, xlsx
    #[arg(long, value_name = "FORMAT", default_value = "parquet", requires = "out", value_parser = parse_format)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) host: HostArguments,
    /// Exit with 1 when the outcomes are not equal
    #[arg(long)]
    pub(crate) fail_on_changes: bool,
    /// Print the summary as JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a person types")]
pub(crate) struct CompareArguments {
    /// The table before
    pub(crate) left: PathBuf,
    /// The table after
    pub(crate) right: PathBuf,
    /// Columns that bring rows together; without them, those that would do are named
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) key: Vec<String>,
    /// Columns to compare; default: all that both tables have
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Columns to leave out
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// A column's name before and after
    #[arg(long, value_name = "OLD=NEW", value_parser = parse_assignment)]
    pub(crate) rename: Vec<(String, String)>,
    /// A column's tolerance, inclusive: 0.01, or 0.5% of the larger value
    #[arg(long, value_name = "COLUMN=TOLERANCE", value_parser = parse_assignment)]
    pub(crate) within: Vec<(String, String)>,
    /// Columns in which null and empty text are the same
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) null_is_empty: Vec<String>,
    /// Columns in which null equals nothing, not even null
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) null_differs: Vec<String>,
    /// The first line of the CSV files is a row; columns are `column_1`, `column_2`, …
    #[arg(long)]
    pub(crate) no_header: bool,
    /// Delimiter of the CSV files; default: detected
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<char>,
    /// Quote of the CSV files; default: the double quote
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) quote: Option<char>,
    /// Encoding of the CSV files, such as windows-1252; default: UTF-8
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// How both files are written beyond that, as `read` of a spec says it: skip, ragged, sheet, range
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_assignment)]
    pub(crate) read: Vec<(String, String)>,
    /// Write the differences and the rows without a partner into this folder, whole or not at all
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Format of the tables: parquet, csv, ndjson, arrow, xlsx
    #[arg(long, value_name = "FORMAT", default_value = "parquet", requires = "out", value_parser = parse_format)]
    pub(crate) format: Format,
    /// Exit with 1 when the tables are not equal
    #[arg(long)]
    pub(crate) fail_on_differences: bool,
    #[command(flatten)]
    pub(crate) host: HostArguments,
    /// Print how long each stage took, to standard error
    #[arg(long)]
    pub(crate) times: bool,
    /// Print the summary as JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// A spec (.toml or .json), or the left and the right file, or one file for its duplicates; - is standard input
    #[arg(required = true, num_args = 1..=2, value_name = "SPEC | LEFT RIGHT | FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Fields that must be equal: by the name of their column in both files, or LEFT=RIGHT, or FIELD:LEFT=RIGHT
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub(crate) on: Vec<String>,
    /// How a source is written, as `read` of the spec says it: delimiter, decimal, thousands, `currency_sign`, dates,
    /// encoding, quote, header, skip, footer, ragged, sheet, range; without left. or right. for both
    #[arg(long, value_name = "[left.|right.]KEY=VALUE", value_parser = parse_assignment)]
    pub(crate) read: Vec<(String, String)>,
    /// Digits after the point of a field's amounts, which doubles (of workbooks, above all) don't tell
    #[arg(long, value_name = "FIELD=DIGITS", value_parser = parse_scale, requires = "on")]
    pub(crate) scale: Vec<(String, u8)>,
    /// Write the spec that --on stands for into a new file, to build on
    #[arg(long, value_name = "FILE", requires = "on")]
    pub(crate) save: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    #[command(flatten)]
    pub(crate) host: HostArguments,
    /// Print the summary as JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
    /// Print how long each stage took, to standard error
    #[arg(long)]
    pub(crate) times: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// Write the outcome into this folder, whole or not at all; an earlier outcome there is replaced
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Format of the outcome's tables: parquet, csv, ndjson, arrow, xlsx
    #[arg(long, value_name = "FORMAT", default_value = "parquet", requires = "out", value_parser = parse_format)]
    pub(crate) format: Format,
    /// Put hashes of the sources and the outcome into manifest.json; reads the files once more
    #[arg(long, requires = "out")]
    pub(crate) hashes: bool,
    /// Exit with 1 when the outcome has any of these
    #[arg(long, value_name = "WHAT,…", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
}

/// What makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Open records
    Breaks,
    /// Groups that a person decides
    Proposed,
    /// Compared values that disagree inside a group
    Differences,
    /// Balances that were given and are not proven
    Unproven,
    /// Cells or rows that can't be read
    Unreadable,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// A spec (.toml or .json)
    pub(crate) spec: PathBuf,
    /// Read no records, only what columns there are: the plan without how much it would look at
    #[arg(long)]
    pub(crate) schemas_only: bool,
    /// Tell whether a run fits into this much memory, such as 512MB, 2GB or 1.5GiB
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, conflicts_with = "schemas_only")]
    pub(crate) memory: Option<u64>,
    /// Print the plan and what it would look at as JSON and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// The folder to write to
    #[arg(default_value = "recon378-demo")]
    pub(crate) dir: PathBuf,
}

fn parse_assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is expected")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_scale(text: &str) -> Result<(String, u8), String> {
    let (field, digits) = parse_assignment(text)?;
    let digits = digits.parse().ok().filter(|digits| *digits <= 18);
    digits.map(|digits| (field, digits)).ok_or_else(|| "0 to 18 digits are expected".to_owned())
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|_| "one of parquet, csv, ndjson, arrow, xlsx is expected".to_owned())
}

/// Bytes, with a decimal (`GB`) or binary (`GiB`) unit and up to three digits after the point.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let refused = || "a size such as 512MB, 2GB or 1.5GiB is expected".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(refused()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if part.is_empty() || part.len() > 3 || whole.is_empty() {
        return Err(refused());
    }
    let whole: u64 = whole.parse().map_err(|_| refused())?;
    let thousandths: u64 = format!("{part:0<3}").parse().map_err(|_| refused())?;
    let bytes = u128::from(factor) * (u128::from(whole) * 1_000 + u128::from(thousandths)) / 1_000;
    u64::try_from(bytes).ok().filter(|bytes| *bytes > 0).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("2GB", 2_000_000_000),
            ("1.5GiB", 1_610_612_736),
            ("512 mb", 512_000_000),
            ("7", 7),
            ("0.5k", 500),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "GB", "2XB", "-1", "1.2.3", "1.", "0", "99999999999999999999", "1e3", "99999999TB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }
}
