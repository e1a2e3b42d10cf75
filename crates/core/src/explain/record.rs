//! The story of a record: what it holds, what it came to, and pass by pass why.

use super::model::{GroupName, KeyStory, NearestStory, OpenStory, PartStory, PassStory, Place, RecordStory};
use super::scene::{Scene, seated};
use super::world::{Member, World, members};
use super::{CANDIDATES_MAX, decided, words};
use crate::columns::{Column, NO_ROW, Row, left_out_by};
use crate::error::Result;
use crate::outcome::{Break, Pair, Reason, Span, group_id, iso_date};
use crate::plan::{PassPlan, Side, filters, name, pair_words};
use crate::spec::Cardinality;

/// Tells the story of a record.
///
/// # Errors
/// A plan that doesn't fit the columns is an internal error.
pub(super) fn story(world: &World<'_>, place: Place) -> Result<RecordStory> {
    let (side, row) = place;
    let (plan, columns) = (world.outcome.plan(), world.outcome.asked());
    let excluded = columns.side(side).excluded.as_ref().is_some_and(|bits| bits.value(row as usize));
    let breaks = world.outcome.breaks_of(side);
    // What is left of a record that a group takes in part is open under the record's own number.
    let number = |open: &Break| world.outcome.columns().side(side).row_number(open.row);
    let at = breaks.binary_search_by_key(&columns.side(side).row_number(row), number).ok();
    let open = at.and_then(|at| breaks.get(at));
    let holder = world.member_of(place);
    let mut excluded_by = Vec::new();
    if excluded {
        let words = filters(plan, side);
        let all = left_out_by(plan, side, columns, row)?;
        excluded_by = all.into_iter().filter_map(|at| words.get(at).cloned()).collect();
    }
    let state = match (excluded, holder, open) {
        (true, ..) => "excluded",
        (_, Some(Member::Pair(pair)), _) => pair.status.name(),
        (_, Some(Member::Grouped(group)), _) => group.verdict.status.name(),
        (_, Some(Member::Decided(decided)), _) => decided.group().verdict.status.name(),
        (_, _, Some(open)) if open.reason == Reason::Unreadable => "unreadable",
        _ => "open",
    };
    // What a person decided no pass has seen.
    let seen = columns.side(side).takes_part(row) && !matches!(holder, Some(Member::Decided(_)));
    let passes = if seen { passes(world, place, open)? } else { Vec::new() };
    Ok(RecordStory {
        record: world.name(place),
        file: world.file(place),
        carried: columns.side(side).first_seen(row).is_some(),
        first_seen: columns.side(side).first_seen(row).flatten().map(iso_date),
        in_part: world.part(place),
        issue: world.issue(place, None),
        cells: world.cells(place),
        state,
        excluded_by,
        group: holder.map(|holder| match holder {
            Member::Pair(pair) => group(world, place, pair),
            Member::Grouped(group) => decided::name(world, group, place),
            Member::Decided(decided) => decided::name(world, decided.group(), place),
        }),
        open: open.map(|open| open_story(world, side, open)).transpose()?,
        passes,
    })
}

fn group(world: &World<'_>, place: Place, pair: &Pair) -> GroupName {
    let plan = world.outcome.plan();
    let others = members(pair).into_iter().filter(|member| *member != place);
    GroupName {
        group_id: group_id(world.outcome.asked(), pair),
        pass: plan.passes.get(usize::from(pair.pass)).map_or_else(String::new, |pass| pass.name.clone()),
        status: pair.status.name(),
        ambiguity: pair.ambiguity.name(),
        with: others.map(|member| world.name(member)).collect(),
    }
}

/// The passes in order, up to the one that made its group.
fn passes(world: &World<'_>, place: Place, open: Option<&Break>) -> Result<Vec<PassStory>> {
    let plan = world.outcome.plan();
    let last = world.pass_of(place).map_or(usize::MAX, usize::from);
    let mut stories = Vec::new();
    let searching = plan.passes.iter().enumerate().filter(|(_, pass)| pass.searches());
    for (number, (at, pass)) in (1..).zip(searching.take_while(|(at, _)| *at <= last)) {
        let index = u16::try_from(at).unwrap_or(u16::MAX);
        let span = match (pass.cardinality, place.0) {
            (Cardinality::SameSide | Cardinality::Cluster, Side::Left) => Span::WithinLeft,
            (Cardinality::SameSide, Side::Right) => Span::WithinRight,
            _ => Span::Across,
        };
        world.cancel.check()?;
        let bundled = Scene::bundled(world, index)?;
        let Some(scene) = Scene::new(world, (index, span), &bundled)? else { continue };
        let evidence = open.filter(|open| open.pass == Some(index) && open.reason > Reason::SearchLimit);
        stories.push(pass_story(&scene, place, (number, pass), evidence)?);
    }
    Ok(stories)
}

fn pass_story(
    scene: &Scene<'_>,
    place: Place,
    (number, pass): (usize, &PassPlan),
    evidence: Option<&Break>,
) -> Result<PassStory> {
    let mut story = PassStory {
        number,
        pass: pass.name.clone(),
        cardinality: pass.cardinality.name(),
        entered: false,
        why_not: None,
        key: Vec::new(),
        block: None,
        candidates_count: 0,
        limited: false,
        candidates: Vec::new(),
        nearest: None,
    };
    let Some((seat, row)) = scene.seat_of(place) else {
        story.why_not = Some(no_seat(scene, place));
        return Ok(story);
    };
    story.entered = true;
    story.key = key(scene, seat, place);
    story.why_not = null_key(scene, seat, row);
    let block = scene.block(seat, row);
    story.block = Some(block.sizes(seat));
    let candidates = scene.candidates(seat, row, &block)?;
    story.candidates_count = candidates.records();
    story.limited = candidates.limited;
    story.candidates =
        candidates.found.iter().take(CANDIDATES_MAX).map(|one| scene.candidate(seat, row, one)).collect();
    if scene.is_left_over(place, (seat, row)) {
        for chosen in story.candidates.iter_mut().filter(|one| one.fate == "chosen") {
            chosen.fate = "not_reached";
            chosen.words =
                format!("{} takes the oldest records first, and did not reach this one", chosen.record);
        }
    }
    if candidates.found.is_empty() {
        let noted = evidence.map(|open| open.nearest).filter(|nearest| *nearest != NO_ROW);
        let noted = noted.and_then(|nearest| Some(scene.seat_of((scene.sides[1 - seat], nearest))?.1));
        let nearest = noted.or_else(|| scene.nearest(seat, row));
        story.nearest = nearest.map(|nearest| {
            let pair = seated(seat, row, nearest);
            let conditions = scene.verdicts(pair);
            let lacks = conditions.iter().filter_map(|verdict| verdict.lacks.clone());
            NearestStory {
                record: scene.world.name(scene.place(1 - seat, nearest)),
                lacks: lacks.chain(scene.lacks_probability(pair)).collect(),
                conditions,
            }
        });
    }
    Ok(story)
}

/// The key with a record's own values.
fn key(scene: &Scene<'_>, seat: usize, place: Place) -> Vec<KeyStory> {
    let plan = scene.world.outcome.plan();
    let story = |key: &crate::plan::KeyPlan| KeyStory {
        field: pair_words(name(plan, key.left), name(plan, key.right)),
        value: scene.world.cell(place, if seat == 0 { key.left } else { key.right }),
    };
    scene.pass.key.iter().map(story).collect()
}

/// Why a record takes no part in a pass that it reached: only one that nets, or takes records as one, turns any away.
fn no_seat(scene: &Scene<'_>, place: Place) -> String {
    let plan = scene.world.outcome.plan();
    if let Some(bundles) = scene.pass.bundles() {
        let keys = scene.pass.key.iter().filter(|key| !key.nulls_equal);
        let keys = keys.map(|key| if place.0 == Side::Left { key.left } else { key.right });
        let by = bundles.by[place.0.index()].iter().flatten().copied();
        let empty = keys.chain(by).filter(|field| scene.world.cell(place, *field).is_none());
        let empty: Vec<&str> = empty.map(|field| name(plan, field)).collect();
        return format!("{} is empty, so it is in no group", empty.join(", "));
    }
    if !plan.runs_on(scene.pass, place.0) {
        return format!("{} has not all fields that the pass tests", plan.names[place.0.index()]);
    }
    let amount = scene.pass.variance.map(|variance| variance.left);
    let columns = scene.world.outcome.asked().side(place.0);
    let column = amount.and_then(|field| columns.fields.get(field)).unwrap_or(&Column::Absent);
    if column.is_null(place.1) {
        return "its amount is empty, and nothing nets to that".to_owned();
    }
    "its amount is zero, and nothing nets to that".to_owned()
}

/// A key with a null that equals nothing.
fn null_key(scene: &Scene<'_>, seat: usize, row: Row) -> Option<String> {
    let plan = scene.world.outcome.plan();
    let empty: Vec<&str> = scene.null_keys(seat, row).into_iter().map(|field| name(plan, field)).collect();
    (!empty.is_empty()).then(|| format!("{} is empty, and equals nothing", empty.join(", ")))
}

/// Why a record is open.
fn open_story(world: &World<'_>, side: Side, open: &Break) -> Result<OpenStory> {
    let plan = world.outcome.plan();
    let named = |side, row| (row != NO_ROW).then(|| world.name((side, row)));
    let nearest = named(open.nearest_side(plan, side), open.nearest);
    let rival = named(side, open.rival);
    let pass = open.pass.and_then(|at| plan.passes.get(usize::from(at)));
    let lacks = lacking(world, side, open)?;
    let who = nearest.as_ref().map_or_else(|| "a record".to_owned(), ToString::to_string);
    let other = &plan.names[side.other().index()];
    let words = match open.reason {
        Reason::Unreadable => "its amount or id can't be read, so it is in no pass".to_owned(),
        Reason::PartlyAllocated => {
            let part = world.part((side, world.outcome.columns().side(side).origin(open.row)));
            let words = |part: PartStory| {
                format!("its group takes {} of its amount; {} is left, and open", part.taken, part.left)
            };
            part.map_or_else(String::new, words)
        }
        Reason::Duplicate => format!("it equals {who} in every field that is used"),
        Reason::Ambiguous => format!("it is tied for {who}, and another answer was as good"),
        Reason::Taken => match &rival {
            Some(rival) => format!("its best candidate {who} went to {rival}"),
            None => format!("its best candidate {who} went to another record"),
        },
        Reason::RejectedByDecision => "a person barred the only candidates it had".to_owned(),
        Reason::SearchLimit => "a limit cut the search, so a better answer may have been missed".to_owned(),
        Reason::MissingOnLeft | Reason::MissingOnRight if plan.one_source => {
            format!("no other record of {other} is near it")
        }
        Reason::MissingOnLeft | Reason::MissingOnRight => {
            format!("no open record of {other} comes near enough to be evidence")
        }
        reason => {
            let lacks = lacks.as_ref().map_or_else(String::new, |lacks| format!("; {lacks}"));
            format!("{who} came nearest{}{lacks}", near_by(reason))
        }
    };
    Ok(OpenStory {
        reason: open.reason.name(),
        words,
        pass: pass.map(|pass| pass.name.clone()),
        nearest,
        rival,
        score: open.score,
        lacks,
    })
}

/// What the evidence of a near miss looks like.
fn near_by(reason: Reason) -> &'static str {
    match reason {
        Reason::SignReversed => ", its amount turned round",
        Reason::DigitsSlipped => ", its amount one slip of the digits away",
        Reason::RoundingLike => ", its amount as far away as rounding leads",
        Reason::FeeLike => ", its amount as far away as a fee that others show too",
        Reason::FxLike => ", its amount as far away as a rate that others show too",
        _ => "",
    }
}

/// What the nearest record lacks, where one requirement is to blame.
fn lacking(world: &World<'_>, side: Side, open: &Break) -> Result<Option<String>> {
    let (Some(requirement), Some(pass), true) = (open.lacks, open.pass, open.nearest != NO_ROW) else {
        return Ok(None);
    };
    let nearest = (open.nearest_side(world.outcome.plan(), side), open.nearest);
    let span = match (side, nearest.0) {
        (Side::Left, Side::Left) => Span::WithinLeft,
        (Side::Right, Side::Right) => Span::WithinRight,
        _ => Span::Across,
    };
    if world.outcome.plan().passes.get(usize::from(pass)).is_some_and(|pass| pass.bundles().is_some()) {
        return Ok(world.outcome.shortfall(side, open).map(|short| words::lacking(&short)));
    }
    let bundled = Scene::bundled(world, pass)?;
    let Some(scene) = Scene::new(world, (pass, span), &bundled)? else { return Ok(None) };
    let seat = scene.seat_of((side, open.row)).map_or_else(|| side.index(), |(seat, _)| seat);
    Ok(Some(scene.lacks(requirement, seated(seat, open.row, open.nearest))))
}
