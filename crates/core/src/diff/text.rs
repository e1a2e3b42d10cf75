//! A diff in words, for whoever is about to change a rule.

use super::summary::{DiffAmount, DiffCell, DiffFlow, DiffSummary, GroupKind};
use crate::outcome::{cell_name, grouped};
use std::fmt;

/// Lines of one section; the others are counted.
const LINES_MAX: usize = 20;

impl fmt::Display for DiffSummary {
    /// The verdict, groups by kind, where records went, terms of the tie-out that changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", if self.equal { "equal" } else { "different" })?;
        for warning in &self.warnings {
            writeln!(f, "warning: {}", warning.text)?;
        }
        self.write_groups(f)?;
        self.write_flows(f)?;
        self.write_tie_out(f)
    }
}

impl DiffSummary {
    fn write_groups(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |which: usize| self.groups.iter().map(|groups| groups.groups[which]).sum::<u64>();
        let total = [sum(0), sum(1)].map(grouped);
        let [before, after] = &self.names;
        let width = [before, after].map(|name| name.chars().count().max(total[0].len()).max(total[1].len()));
        writeln!(f)?;
        writeln!(f, "{:<13}{before:>one$}  {after:>two$}", "", one = width[0], two = width[1])?;
        writeln!(
            f,
            "{:<13}{:>one$}  {:>two$}",
            "groups",
            total[0],
            total[1],
            one = width[0],
            two = width[1]
        )?;
        for groups in &self.groups {
            let [old, new] = groups.groups.map(grouped);
            let old = if groups.kind == GroupKind::Appeared { String::new() } else { old };
            let new = if groups.kind == GroupKind::Vanished { String::new() } else { new };
            let line = format!(
                "  {:<11}{old:>one$}  {new:>two$}",
                groups.kind.name(),
                one = width[0],
                two = width[1]
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn write_flows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moved: Vec<&DiffFlow> =
            self.flows.iter().filter(|flow| (flow.was, &flow.was_by) != (flow.is, &flow.is_by)).collect();
        if moved.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nrecords")?;
        for flow in moved.iter().take(LINES_MAX) {
            let [was, is] = [(flow.was, &flow.was_by), (flow.is, &flow.is_by)]
                .map(|(state, by)| place(state, by.as_deref()));
            let side = usize::from(flow.side == "right");
            let [old, new] = &self.sources[side].names;
            let name = if flow.is == "absent" { old } else { new };
            let amounts: Vec<String> = flow.amounts.iter().map(|amount| told(amount, flow)).collect();
            let amounts =
                if amounts.is_empty() { String::new() } else { format!(", {}", amounts.join(", ")) };
            writeln!(f, "  {name}: {} {was} → {is}{amounts}", grouped(flow.records))?;
        }
        more(f, moved.len())
    }

    fn write_tie_out(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = |cell: &&DiffCell| cell.terms.iter().any(|term| term.old != term.new);
        let cells: Vec<&DiffCell> = self.tie_out.cells.iter().filter(changed).collect();
        if cells.is_empty() {
            return Ok(());
        }
        writeln!(f, "\ntie-out")?;
        for cell in cells.iter().take(LINES_MAX) {
            let name =
                if cell.cell.is_empty() { String::new() } else { format!("{} ", cell_name(&cell.cell)) };
            for term in cell.terms.iter().filter(|term| term.old != term.new) {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
                let change = term.change.as_ref().map_or_else(String::new, |change| {
                    let sign = if change.starts_with('-') { "" } else { "+" };
                    format!(" ({sign}{change})")
                });
                let label = term.term.replace('_', " ");
                writeln!(f, "  {name}{label}: {} → {}{change}", text(&term.old), text(&term.new))?;
            }
        }
        let count = usize::try_from(self.tie_out.changed_count).unwrap_or(usize::MAX);
        more(f, count)
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    match count.saturating_sub(LINES_MAX) {
        0 => Ok(()),
        rest => writeln!(f, "  and {} more", grouped(rest)),
    }
}

fn place(state: &str, by: Option<&str>) -> String {
    match by {
        Some(by) if state == "open" => format!("open ({by})"),
        Some(by) => format!("{state} by \"{by}\""),
        None => state.to_owned(),
    }
}

/// The amount after; where the records are gone, the one before.
fn told(amount: &DiffAmount, flow: &DiffFlow) -> String {
    let gone = matches!(flow.is, "excluded" | "absent");
    let text = &amount.amount[usize::from(!gone)];
    amount.currency.as_ref().map_or_else(|| text.clone(), |currency| format!("{text} {currency}"))
}
