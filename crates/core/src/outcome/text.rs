//! The summary as a person reads it in a terminal.

use super::summary::{
    BalanceSummary, CauseSummary, CellSummary, OpenSummary, SourceSummary, Summary, TieOutSummary,
};
use std::fmt::Write as _;

/// Cells shown as one block each; more become rows of one table.
const BLOCKS_MAX: usize = 3;
/// Cells shown as rows.
const ROWS_MAX: usize = 20;
/// Causes shown, where cells are rows.
const CAUSES_MAX: usize = 30;
/// Narrower texts can't be read.
pub(super) const WIDTH_MIN: usize = 60;
/// A width that stands for cells with tabs between them.
const CELLS: usize = usize::MAX;

/// A whole number with thousands separators: `1,204`.
pub(crate) fn grouped(number: impl std::fmt::Display) -> String {
    grouped_decimal(&format!("{number}"))
}

/// A plain decimal with thousands separators: `-12,004.00`.
pub(super) fn grouped_decimal(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A cell's values in words.
pub(crate) fn cell_name(key: &[Option<String>]) -> String {
    let values: Vec<&str> = key.iter().map(|value| value.as_deref().unwrap_or("(null)")).collect();
    values.join(" / ")
}

/// A table of text: the first column is left-aligned and gives way, the others are right-aligned.
pub(super) struct Grid {
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Self { rows: vec![head.into_iter().map(Into::into).collect()] }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn is_empty(&self) -> bool {
        self.rows.len() <= 1
    }

    pub(super) fn write(&self, width: usize, out: &mut String) {
        if width == CELLS {
            for row in &self.rows {
                let cells: Vec<String> =
                    row.iter().map(|cell| cell.trim().replace(['\t', '\n'], " ")).collect();
                out.push_str(cells.join("\t").trim_end());
                out.push('\n');
            }
            out.push('\n');
            return;
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widest = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let others: usize = widths.iter().skip(1).map(|width| width + 2).sum();
        let first = widths.first().copied().unwrap_or_default().min(width.saturating_sub(others).max(12));
        for row in &self.rows {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                if at == 0 {
                    let cell = shortened(cell, first);
                    let _infallible = write!(line, "{cell:<first$}");
                } else {
                    let _infallible = write!(line, "  {cell:>width$}", width = widths[at]);
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out.push('\n');
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The summary as rows of cells.
pub(super) fn rows_of_cells(summary: &Summary) -> Vec<Vec<String>> {
    let text = render(summary, CELLS);
    text.lines().map(|line| line.split('\t').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Renders a summary.
pub(super) fn render(summary: &Summary, width: usize) -> String {
    let width = width.max(WIDTH_MIN);
    let mut out = String::new();
    sources(summary).write(width, &mut out);
    passes(summary).write(width, &mut out);
    let open = open(summary);
    if !open.is_empty() {
        open.write(width, &mut out);
    }
    compared(summary, width, &mut out);
    systematic(summary, width, &mut out);
    warnings(summary, &mut out);
    tie_out(summary, width, &mut out);
    out
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

fn sources(summary: &Summary) -> Grid {
    let all = &summary.sources;
    let row = |name: &str, of: &dyn Fn(&SourceSummary) -> String| -> Vec<String> {
        std::iter::once(name.to_owned()).chain(all.iter().map(of)).collect()
    };
    let mut grid = Grid::new(row("source", &|source| source.name.clone()));
    let mut counts = |name: &str, of: fn(&SourceSummary) -> u64, always: bool| {
        if always || all.iter().any(|source| of(source) > 0) {
            grid.row(row(name, &|source| grouped(of(source))));
        }
    };
    counts("records", |source| source.records, true);
    counts("of them carried", |source| source.carried, false);
    counts("open items replaced", |source| source.replaced, false);
    counts("excluded", |source| source.excluded, false);
    counts("matched", |source| source.matched, true);
    counts("proposed", |source| source.proposed, true);
    counts("taken in part", |source| source.in_part, false);
    counts("open", |source| source.open, true);
    counts("of them unreadable", |source| source.unreadable, false);
    counts("unreadable rows", |source| source.unreadable_rows, false);
    counts("lines left out", |source| source.left_out_lines.values().sum(), false);
    counts("repeated ids", |source| source.repeated_ids, false);
    grid.row(row("match rate", &|source| percent(source.match_rate)));
    grid
}

fn passes(summary: &Summary) -> Grid {
    let mut grid = Grid::new(["pass", "matched", "proposed", "ambiguous", "difference"]);
    for pass in &summary.passes {
        let differences = pass.matched.amounts.iter().chain(&pass.proposed.amounts);
        let differences: Vec<&str> = differences
            .map(|amounts| amounts.difference.as_str())
            .filter(|difference| difference.contains(|digit: char| ('1'..='9').contains(&digit)))
            .collect();
        let difference = match differences.as_slice() {
            [] => String::new(),
            [one] => grouped_decimal(one),
            _ => "several".to_owned(),
        };
        grid.row([
            pass.name.clone(),
            grouped(pass.matched.groups),
            grouped(pass.proposed.groups),
            grouped(pass.ambiguity.ambiguous),
            difference,
        ]);
    }
    grid
}

fn open(summary: &Summary) -> Grid {
    let mut grid = Grid::new(["open", "source", "records", "amount"]);
    for open in &summary.open {
        let source = summary.sources.iter().find(|source| source.side == open.side);
        let name = source.map(|source| source.name.clone()).unwrap_or_default();
        // Nothing is missing on the right where there is one source.
        let alone = summary.sources.len() == 1 && open.reason == "missing_on_right";
        let reason = if alone { "nothing near" } else { open.reason };
        grid.row([reason.to_owned(), name, grouped(open.records), open_amount(open)]);
    }
    grid
}

fn open_amount(open: &OpenSummary) -> String {
    match open.amounts.as_slice() {
        [] => String::new(),
        [one] => {
            let amount = grouped_decimal(&one.amount);
            one.currency.as_ref().map_or(amount.clone(), |currency| format!("{currency} {amount}"))
        }
        several => format!("{} currencies", several.len()),
    }
}

fn compared(summary: &Summary, width: usize, out: &mut String) {
    if summary.compared.is_empty() {
        return;
    }
    let mut grid = Grid::new(["compared inside groups", "pairs", "differ"]);
    for field in &summary.compared {
        let name = if field.test == "equal" {
            field.field.clone()
        } else {
            format!("{} {}", field.field, field.test)
        };
        grid.row([name, grouped(field.pairs), grouped(field.differing)]);
    }
    grid.write(width, out);
    if summary.not_compared > 0 {
        let count = grouped(summary.not_compared);
        let groups = if summary.not_compared == 1 { "group" } else { "groups" };
        out.truncate(out.trim_end().len());
        let _infallible =
            writeln!(out, "\nnot compared: {count} {groups} of many on both sides, or inside one source\n");
    }
}

fn systematic(summary: &Summary, width: usize, out: &mut String) {
    if summary.systematic.is_empty() {
        return;
    }
    out.push_str("what differs systematically\n");
    for difference in &summary.systematic {
        let whole = difference.text.as_str();
        let bare = whole.split_once(", such as ").map_or(whole, |(bare, _)| bare);
        let fits = whole.chars().count() + 2 <= width;
        let _infallible = writeln!(out, "  {}", shortened(if fits { whole } else { bare }, width - 2));
    }
    out.push('\n');
}

fn warnings(summary: &Summary, out: &mut String) {
    let before = out.len();
    if summary.totals.proposed > 0 {
        let count = grouped(summary.totals.proposed);
        let _infallible = writeln!(out, "{count} proposed: a person decides");
    }
    let stale = summary.decisions.map_or(0, |decisions| decisions.stale);
    if stale > 0 {
        let are = if stale == 1 { "decision is" } else { "decisions are" };
        let count = grouped(stale);
        let _infallible = writeln!(out, "{count} {are} stale and not applied: see the table decisions");
    }
    unreadable(summary, out);
    for limit in &summary.limits_reached {
        let count = grouped(limit.count);
        let _infallible = match limit.what {
            "components" => {
                writeln!(out, "limit reached in \"{}\": components cut: {count}", limit.place)
            }
            "nearest" => {
                let place = &limit.place;
                writeln!(
                    out,
                    "limit reached in \"{place}\": open records whose nearest was not found: {count}"
                )
            }
            _ => writeln!(out, "{count} more unreadable cells of {} are not listed", limit.place),
        };
    }
    if let Some(balances) = summary.balances.as_ref().filter(|balances| balances.proven == Some(false)) {
        let zero = |proof: &Option<String>| {
            proof.as_ref().is_none_or(|proof| !proof.contains(|digit: char| ('1'..='9').contains(&digit)))
        };
        let proven =
            |cell: &&BalanceSummary| zero(&cell.left_proof) && zero(&cell.right_proof) && zero(&cell.proof);
        let cells = balances.cells.iter().filter(|cell| !proven(cell)).take(ROWS_MAX);
        let names: Vec<String> = cells.map(|cell| cell_name(&cell.cell)).collect();
        let is_told = names.iter().any(|name| !name.is_empty());
        let place = if is_told { format!(" in {}", names.join(", ")) } else { String::new() };
        let _infallible = writeln!(out, "NOT RECONCILED: a proof of the balances is not zero{place}");
    }
    if out.len() > before {
        out.push('\n');
    }
}

/// A line per field that has unreadable cells, with the first of them, and what to say in the spec.
fn unreadable(summary: &Summary, out: &mut String) {
    let before = out.len();
    for source in &summary.sources {
        for first in &source.first_unreadable {
            let (what, count) = match &first.field {
                Some(field) => {
                    let count = source.unreadable_cells.get(field).copied().unwrap_or(1);
                    (format!("\"{field}\" of {}, row {}", source.name, first.row), count)
                }
                None => (format!("{}, row {}", source.name, first.row), source.unreadable_rows),
            };
            let others = match count.saturating_sub(1) {
                0 => String::new(),
                others => format!(", and {} more", grouped(others)),
            };
            let value = first.value.replace(['\t', '\r', '\n'], " ");
            let _infallible = writeln!(out, "can't be read: {what}, \"{value}\": {}{others}", first.problem);
        }
    }
    if out.len() > before {
        out.push_str(ADVICE);
    }
}

const ADVICE: &str = "how a source is written is for the spec to say: read = { decimal = \",\", thousands = \".\", \
                      currency_sign = \"€\", dates = \"%d.%m.%Y\", ragged = \"pad\", footer = 1 }\n";

fn tie_out(summary: &Summary, width: usize, out: &mut String) {
    let tie_out = &summary.tie_out;
    if let (Some(_), [left, right]) = (tie_out.scale, summary.sources.as_slice()) {
        let names = [left.name.as_str(), right.name.as_str()];
        if tie_out.cells.len() <= BLOCKS_MAX {
            for cell in &tie_out.cells {
                block(cell, names).write(width, out);
                let causes = causes(cell, names);
                if !causes.is_empty() {
                    causes.write(width, out);
                }
            }
        } else {
            rows(tie_out, names).write(width, out);
            causes_of_rows(tie_out, names, width, out);
        }
        let hidden = tie_out.cells_count.saturating_sub(ROWS_MAX as u64);
        if hidden > 0 {
            let _infallible = writeln!(out, "and {} more cells, in the table tie_out\n", grouped(hidden));
        }
    }
    out.push_str(verdict(tie_out));
    let unreadable: u64 = summary.sources.iter().map(|source| source.unreadable).sum();
    if unreadable > 0 && tie_out.scale.is_some() {
        let records = if unreadable == 1 { "record" } else { "records" };
        let _infallible = write!(out, ", but for {} unreadable {records}", grouped(unreadable));
    }
    out.push('\n');
}

fn verdict(tie_out: &TieOutSummary) -> &'static str {
    match (tie_out.tied_out, tie_out.scale) {
        (false, _) => "does not tie out",
        (true, None) => "every record is accounted for",
        (true, Some(2)) => "tied out to the cent",
        (true, Some(_)) => "tied out to the last unit",
    }
}

/// A zero or a missing amount is said as such, so that columns stay aligned.
fn shown(amount: Option<&String>) -> String {
    amount.map(|amount| grouped_decimal(amount)).unwrap_or_default()
}

fn block(cell: &CellSummary, [left, right]: [&str; 2]) -> Grid {
    let name = if cell.cell.is_empty() { String::new() } else { format!(" {}", cell_name(&cell.cell)) };
    let mut grid = Grid::new([format!("tie-out{name}"), String::new()]);
    let mut line = |label: String, amount: &Option<String>| grid.row([label, shown(amount.as_ref())]);
    line(format!("  {right}"), &cell.right);
    line(format!("− {left}"), &cell.left);
    line("= difference".to_owned(), &cell.difference);
    line("  matched".to_owned(), &cell.matched);
    line("+ proposed".to_owned(), &cell.proposed);
    line(format!("+ open in {right}"), &cell.open_right);
    line(format!("− open in {left}"), &cell.open_left);
    line("  unexplained".to_owned(), &cell.unexplained);
    grid
}

/// Why the totals of one cell differ.
fn causes(cell: &CellSummary, names: [&str; 2]) -> Grid {
    let [left, right] = names;
    let name = if cell.cell.is_empty() { String::new() } else { format!(" in {}", cell_name(&cell.cell)) };
    let mut grid =
        Grid::new([format!("why {right} − {left}{name}"), "records".to_owned(), "amount".to_owned()]);
    for cause in &cell.causes {
        grid.row([cause_words(cause, names), records(cause), grouped_decimal(&cause.amount)]);
    }
    if !grid.is_empty() {
        grid.row(["= difference".to_owned(), String::new(), shown(cell.difference.as_ref())]);
    }
    grid
}

/// The causes of cells that are rows, cell by cell.
fn causes_of_rows(tie_out: &TieOutSummary, names: [&str; 2], width: usize, out: &mut String) {
    let [left, right] = names;
    let mut grid = Grid::new([
        format!("why {right} − {left}"),
        "cell".to_owned(),
        "records".to_owned(),
        "amount".to_owned(),
    ]);
    let cells = tie_out.cells.iter().take(ROWS_MAX);
    let all = cells.flat_map(|cell| cell.causes.iter().map(move |cause| (cell, cause)));
    for (cell, cause) in all.clone().take(CAUSES_MAX) {
        let amount = grouped_decimal(&cause.amount);
        grid.row([cause_words(cause, names), cell_name(&cell.cell), records(cause), amount]);
    }
    if grid.is_empty() {
        return;
    }
    grid.write(width, out);
    let hidden = all.count().saturating_sub(CAUSES_MAX);
    if hidden > 0 {
        let _infallible = writeln!(out, "and {} more causes, in the table causes\n", grouped(hidden));
    }
}

/// Records of both sides: `12`, or `12 + 3`.
fn records(cause: &CauseSummary) -> String {
    match cause.records {
        [0, one] | [one, 0] => grouped(one),
        [left, right] => format!("{} + {}", grouped(left), grouped(right)),
    }
}

fn cause_words(cause: &CauseSummary, [left, right]: [&str; 2]) -> String {
    let words = match cause.cause {
        "missing_on_left" => format!("missing in {left}"),
        "missing_on_right" => format!("missing in {right}"),
        "fee" => "matched, but for a fee".to_owned(),
        "rate" => "matched, but for a rate".to_owned(),
        "rounding" => "matched, but for rounding".to_owned(),
        "variance" => "matched, but for the amount".to_owned(),
        "discount" => "matched, less a discount".to_owned(),
        "short_pay" => "matched, less was paid".to_owned(),
        "overpay" => "matched, more was paid".to_owned(),
        "sign" => "matched with another sign".to_owned(),
        "conversion" => "turned into the other currency".to_owned(),
        "other_cell" => "partner in another cell".to_owned(),
        "netted" => "netted in one source".to_owned(),
        "proposed" => "proposed".to_owned(),
        "partly_allocated" => "left of what is matched in part".to_owned(),
        reason => format!("open: {}", reason.replace('_', " ")),
    };
    cause.detail.as_ref().map_or(words.clone(), |detail| format!("{words}, {detail}"))
}

fn rows(tie_out: &TieOutSummary, [left, right]: [&str; 2]) -> Grid {
    let open = [format!("open in {right}"), format!("open in {left}")];
    let [open_right, open_left] = open;
    let mut grid = Grid::new([
        "tie-out".to_owned(),
        "difference".to_owned(),
        "= matched".to_owned(),
        "+ proposed".to_owned(),
        format!("+ {open_right}"),
        format!("− {open_left}"),
    ]);
    for cell in tie_out.cells.iter().take(ROWS_MAX) {
        let amounts = [&cell.difference, &cell.matched, &cell.proposed, &cell.open_right, &cell.open_left];
        let amounts = amounts.map(|amount| shown(amount.as_ref()));
        grid.row(std::iter::once(cell_name(&cell.cell)).chain(amounts));
    }
    grid
}
