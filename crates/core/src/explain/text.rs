//! An explanation as a person reads it.

use super::model::{
    CandidateStory, CellStory, EvidenceSteps, Explanation, FilePlace, GroupStory, MemberStory, NearestStory,
    PassStory, RecordStory, ScoreSteps, TermStory, Verdict,
};
use crate::outcome::grouped;
use crate::plan::{bits_text, decimal, pair_words};
use std::fmt::{self, Display as _};

/// Characters that are shown of a value.
const SHOWN_CHARS_MAX: usize = 200;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(story) => story.fmt(f),
            Self::Record(story) => story.fmt(f),
        }
    }
}

impl fmt::Display for RecordStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}{}: {}", self.record, in_file(self.file.as_ref()), self.verdict())?;
        for words in &self.excluded_by {
            writeln!(f, "  left out: not {words}")?;
        }
        if let Some(open) = &self.open {
            writeln!(f, "  {}", open.words)?;
        }
        if self.carried {
            let since = self.first_seen.as_ref().map_or_else(String::new, |day| format!(" since {day}"));
            writeln!(f, "  carried from the open items of an earlier run, open{since}")?;
        }
        if let Some(issue) = &self.issue {
            writeln!(f, "  its row can't be read: \"{}\" {}", issue.value, issue.problem)?;
        }
        write_cells(f, &self.cells)?;
        self.passes.iter().try_for_each(|pass| pass.fmt(f))
    }
}

impl RecordStory {
    /// What it came to, in a line.
    fn verdict(&self) -> String {
        if let Some(group) = &self.group {
            let with: Vec<String> = group.with.iter().map(ToString::to_string).collect();
            return format!(
                "{} with {} in pass \"{}\", group {}, {}",
                group.status,
                with.join(", "),
                group.pass,
                group.group_id,
                group.ambiguity
            );
        }
        match &self.open {
            Some(open) => match &open.pass {
                Some(pass) => format!("open, {}, by pass \"{pass}\"", open.reason),
                None => format!("open, {}", open.reason),
            },
            None => self.state.to_owned(),
        }
    }
}

fn in_file(file: Option<&FilePlace>) -> String {
    file.map_or_else(String::new, |file| {
        format!(", record {} of {}", grouped(file.row.saturating_add(1)), file.path)
    })
}

fn write_cells(f: &mut fmt::Formatter<'_>, cells: &[CellStory]) -> fmt::Result {
    let width = |text: fn(&CellStory) -> usize| cells.iter().map(text).max().unwrap_or(0);
    let names = width(|cell| cell.field.chars().count());
    let values = width(|cell| shown(cell.value.as_ref()).chars().count().min(40));
    for cell in cells {
        let value = shown(cell.value.as_ref());
        write!(f, "  {:names$}  {value:values$}  from {}", cell.field, cell.column)?;
        match &cell.issue {
            Some(issue) => writeln!(f, "; can't be read: \"{}\" {}", issue.value, issue.problem)?,
            None => writeln!(f)?,
        }
    }
    Ok(())
}

/// A value, cut where it is long.
fn shown(value: Option<&String>) -> String {
    let Some(value) = value else { return "(empty)".to_owned() };
    if value.chars().count() <= SHOWN_CHARS_MAX {
        return value.clone();
    }
    value.chars().take(SHOWN_CHARS_MAX).chain(['…']).collect()
}

fn plural(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { several })
}

fn best_first(count: u64, one: &str, several: &str) -> String {
    let order = if count == 1 { "" } else { ", best first" };
    plural(count, one, several) + order
}

impl fmt::Display for PassStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}. {} ({})", self.number, self.pass, self.cardinality)?;
        if let (false, Some(why)) = (self.entered, &self.why_not) {
            return writeln!(f, "  took no part: {why}");
        }
        self.write_block(f)?;
        if let Some(why) = &self.why_not {
            writeln!(f, "  no candidate: {why}")?;
        } else if self.candidates.is_empty() {
            writeln!(f, "  no candidate")?;
        } else {
            writeln!(f, "  {}", best_first(self.candidates_count, "candidate", "candidates"))?;
        }
        if self.limited {
            writeln!(f, "  a limit kept records from being looked at")?;
        }
        self.candidates.iter().try_for_each(|candidate| candidate.write(f))?;
        let told: u64 = self.candidates.iter().map(CandidateStory::records).sum();
        more(f, self.candidates_count, told)?;
        self.nearest.as_ref().map_or(Ok(()), |nearest| nearest.fmt(f))
    }
}

/// Says how many are not told.
fn more(f: &mut fmt::Formatter<'_>, count: u64, told: u64) -> fmt::Result {
    match count.saturating_sub(told) {
        0 => Ok(()),
        rest => writeln!(f, "  and {} more", grouped(rest)),
    }
}

impl PassStory {
    fn write_block(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some([own, other]) = self.block else { return Ok(()) };
        let key: Vec<String> =
            self.key.iter().map(|key| format!("{} = {}", key.field, shown(key.value.as_ref()))).collect();
        let what = if key.is_empty() { "no key: all open records".to_owned() } else { key.join(", ") };
        let [own, other] = [grouped(own), grouped(other)];
        match self.cardinality {
            "cluster" => writeln!(f, "  {what}: {own} records, itself included"),
            "same_side" => writeln!(f, "  {what}: {own} of its sign, {other} of the other"),
            _ => writeln!(f, "  {what}: {own} of its side, {other} of the other"),
        }
    }
}

impl CandidateStory {
    /// How many records it stands for.
    fn records(&self) -> u64 {
        u64::from(self.equal_records) + 1
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  - {}", self.record)?;
        if self.equal_records > 0 {
            write!(f, " and {}", plural(self.equal_records.into(), "equal record", "equal records"))?;
        }
        write!(f, ", score {}", decimal(self.score.into()))?;
        if let Some(variance) = &self.variance {
            write!(f, ", variance {variance}")?;
        }
        if let Some(days) = self.days {
            write!(f, ", days {days}")?;
        }
        writeln!(f, ": {}", self.words)?;
        write_verdicts(f, &self.conditions, false)
    }
}

impl fmt::Display for NearestStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  closest in this pass: {}", self.record)?;
        if self.lacks.is_empty() {
            writeln!(f, "    it lacks nothing: a limit kept it from being looked at")?;
        }
        write_verdicts(f, &self.conditions, true)?;
        // What the conditions lack stands beside them.
        let of_conditions = self.conditions.iter().filter(|verdict| verdict.lacks.is_some()).count();
        self.lacks.iter().skip(of_conditions).try_for_each(|lacks| writeln!(f, "    lacks: {lacks}"))
    }
}

/// The verdicts, a line each; those of a candidate's key hold and are left out.
fn write_verdicts(f: &mut fmt::Formatter<'_>, all: &[Verdict], with_key: bool) -> fmt::Result {
    let told = all.iter().filter(|verdict| with_key || !verdict.key);
    told.into_iter().try_for_each(|verdict| verdict.fmt(f))
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = pair_words(&self.left, &self.right);
        let [left, right] = [&self.left_value, &self.right_value].map(|value| shown(value.as_ref()));
        let word = if self.verdict == "null" { "empty" } else { self.verdict };
        write!(f, "    {word} {fields} {}: {left} | {right}", self.test)?;
        if let (Some(difference), Some(allowance)) = (&self.difference, &self.allowance) {
            let of = if self.test.starts_with("alike") { "at least" } else { "allowed" };
            write!(f, " ({difference}, {of} {allowance})")?;
        }
        if let Some(shared) = &self.shared {
            write!(f, " (both have {shared})")?;
        }
        if let (Some(grade), Some(weight)) = (self.grade, self.weight) {
            write!(f, ", grade {} × weight {}", decimal(grade.into()), decimal(weight))?;
        }
        if let Some(millibits) = self.millibits {
            write!(f, ", {}", bits(millibits.into(), self.millibits_by_frequency))?;
        }
        match &self.lacks {
            Some(lacks) => writeln!(f, "\n      lacks: {lacks}"),
            None => writeln!(f),
        }
    }
}

impl fmt::Display for GroupStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group_id, status, pass, cardinality, ambiguity, .. } = self;
        writeln!(f, "group {group_id}: {status} in pass \"{pass}\" ({cardinality}), {ambiguity}")?;
        if let Some(why) = &self.proposed_because {
            writeln!(f, "  proposed: {why}")?;
        }
        writeln!(f, "  {ambiguity}: {}", self.ambiguity_words)?;
        let regret = self.regret.map_or_else(|| "unknown".to_owned(), |regret| decimal(regret.into()));
        writeln!(f, "  regret {regret}: {}", self.regret_words)?;
        self.left.iter().chain(&self.right).try_for_each(|member| member.fmt(f))?;
        writeln!(f, "\nconditions")?;
        write_verdicts(f, &self.conditions, true)?;
        self.terms.iter().try_for_each(|term| term.fmt(f))?;
        if let Some(variance) = &self.variance {
            writeln!(f, "  variance {variance}")?;
        }
        if let Some(days) = self.days {
            writeln!(f, "  days {days}")?;
        }
        self.score.fmt(f)?;
        writeln!(f, "  gain {}: what the score is worth above the pass's floor", decimal(self.gain.into()))?;
        self.write_rivals(f)?;
        self.write_alternatives(f)
    }
}

impl GroupStory {
    fn write_rivals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rivals in self.rivals.iter().filter(|rivals| rivals.count > 0) {
            let for_member = format!("for {}", rivals.member);
            let [one, several] = ["rival", "rivals"].map(|word| format!("{word} {for_member}"));
            writeln!(f, "\n{}", best_first(rivals.count, &one, &several))?;
            rivals.candidates.iter().try_for_each(|candidate| candidate.write(f))?;
            more(f, rivals.count, rivals.candidates.iter().map(CandidateStory::records).sum())?;
        }
        Ok(())
    }

    fn write_alternatives(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.alternatives.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nin other answers that are as good")?;
        for other in &self.alternatives {
            writeln!(f, "  - {} with {}, score {}", other.left, other.right, decimal(other.score.into()))?;
        }
        more(f, self.alternatives_count, self.alternatives.len() as u64)
    }
}

impl fmt::Display for TermStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |amount: &Option<String>| amount.clone().unwrap_or_else(|| "unknown".to_owned());
        write!(f, "  amounts of {}: {} gross", self.source, shown(&self.gross))?;
        if let Some(fee) = &self.fee {
            write!(f, ", {fee} kept back")?;
        }
        let how = if self.converts { "compared in the other currency" } else { "compared" };
        writeln!(f, ", {} {how}", shown(&self.compared))
    }
}

impl fmt::Display for MemberStory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}{}", self.record, in_file(self.file.as_ref()))?;
        if let Some(part) = &self.in_part {
            writeln!(f, "  {} of its amount is taken; {} is left, and open", part.taken, part.left)?;
        }
        write_cells(f, &self.cells)
    }
}

impl fmt::Display for ScoreSteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(evidence) = &self.evidence {
            return evidence.write(f, self.score);
        }
        writeln!(f, "\nscore {}, in millionths", decimal(self.score.into()))?;
        for step in &self.steps {
            let [weight, grade] = [grouped(step.weight), grouped(step.grade)];
            writeln!(f, "    {weight} × {grade} = {}  {}", grouped(&step.product), step.what)?;
        }
        if self.weights == "0" {
            return writeln!(f, "    no condition has a weight: the score is 1");
        }
        let [sum, weights, score] = [grouped(&self.sum), grouped(&self.weights), grouped(self.score)];
        writeln!(f, "    {sum} / {weights} = {score}")
    }
}

impl EvidenceSteps {
    fn write(&self, f: &mut fmt::Formatter<'_>, score: u32) -> fmt::Result {
        writeln!(f, "\nscore {}, a probability", decimal(score.into()))?;
        writeln!(f, "    {}  prior {}", bits(self.prior_millibits, None), self.prior)?;
        for step in &self.steps {
            writeln!(f, "    {}  {}", bits(step.millibits.into(), step.millibits_by_frequency), step.what)?;
        }
        let sum = bits_text(self.millibits);
        writeln!(f, "    {sum} bits: 1 / (1 + 2^-({sum})) = {}", decimal(score.into()))
    }
}

/// `9.1 bits`, or `10.4 bits, 1.3 of them by frequency`.
fn bits(millibits: i64, by_frequency: Option<i32>) -> String {
    let bits = format!("{} bits", bits_text(millibits));
    match by_frequency {
        Some(part) => format!("{bits}, {} of them by frequency", bits_text(part.into())),
        None => bits,
    }
}
