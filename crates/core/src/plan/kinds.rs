//! What kind of value each field holds: by its name or `as`, else by use, else by Arrow type, else text.
//!
//! Fields that an equality or a slip joins hold one kind. Nothing is converted in silence where that could make
//! two different values equal or two equal ones different: text against whole numbers is refused.

use super::fields::{Catalog, CellType, Draft, check_holds, kind_name};
use super::many::{check_single, is_cut, single_kind};
use super::model::{FieldIndex, Side};
use super::names::{Report, quoted};
use super::passes::{Bound, BoundPass};
use crate::spec::{Cardinality, CellSource, CellSpec, FieldKind, Slip, Test};

/// The kind of every draft. Wrong ones are noted.
pub(super) fn kinds(
    catalog: &Catalog<'_>,
    passes: &[BoundPass<'_>],
    amounts: &[(FieldIndex, String)],
    report: &mut Report,
) -> Vec<FieldKind> {
    let mut kinds = Kinds::new(catalog);
    for (field, path) in amounts {
        kinds.want(*field, FieldKind::Amount, path, report);
    }
    for pass in passes {
        if let Some((rate, _)) = pass.rate {
            // Rates are read digit by digit: they are no amounts, whose scale all of a run have.
            kinds.want(rate, FieldKind::Text, &format!("{}.sum.convert.rate", pass.path), report);
        }
    }
    let conditions = || passes.iter().flat_map(|pass| &pass.conditions);
    for bound in conditions() {
        kinds.note(bound, report);
    }
    for bound in conditions().filter(|bound| joins(&bound.condition.test)) {
        kinds.join(bound, report);
    }
    let found = kinds.finish();
    for pass in passes {
        for bound in &pass.conditions {
            check_join(catalog, &found, (pass.spec.cardinality, bound), report);
        }
    }
    found
}

/// Whether a test compares two values of one kind without saying which.
fn joins(test: &Test) -> bool {
    test.single().into_iter().any(|test| matches!(test, Test::Equals | Test::Slip(_)))
}

/// The kinds of slip that a test looks for.
fn slips(test: &Test) -> Option<&[Slip]> {
    if let Test::Slip(slips) = test { Some(slips) } else { None }
}

/// Classes of fields that hold one kind, as a forest of parents.
struct Kinds<'a> {
    catalog: &'a Catalog<'a>,
    parents: Vec<FieldIndex>,
    firm: Vec<Option<FieldKind>>,
    slips: Vec<bool>,
}

impl<'a> Kinds<'a> {
    fn new(catalog: &'a Catalog<'a>) -> Self {
        Self {
            catalog,
            parents: (0..catalog.drafts.len()).collect(),
            firm: catalog.drafts.iter().map(Draft::declared).collect(),
            slips: vec![false; catalog.drafts.len()],
        }
    }

    fn root(&self, field: FieldIndex) -> FieldIndex {
        let mut at = field;
        while self.parents[at] != at {
            at = self.parents[at];
        }
        at
    }

    /// What a condition says of its fields.
    fn note(&mut self, bound: &Bound<'_>, report: &mut Report) {
        for test in bound.condition.test.single() {
            self.note_test(bound, test, report);
        }
    }

    fn note_test(&mut self, bound: &Bound<'_>, test: &Test, report: &mut Report) {
        let kind = match test {
            Test::Within(..) => FieldKind::Amount,
            Test::Days(_) | Test::BusinessDays(..) => FieldKind::Date,
            Test::Similar(..) | Test::Occurs(_) => FieldKind::Text,
            // Levels of levels are refused where they are resolved.
            Test::Equals | Test::Levels(_) => return,
            Test::Slip(_) => {
                self.slips[bound.left] = true;
                self.slips[bound.right] = true;
                return;
            }
        };
        self.want(bound.left, kind, &bound.path, report);
        self.want(bound.right, kind, &bound.path, report);
    }

    fn want(&mut self, field: FieldIndex, kind: FieldKind, path: &str, report: &mut Report) {
        match self.firm[field] {
            None => self.firm[field] = Some(kind),
            Some(firm) if firm == kind => {}
            Some(firm) => {
                let given = format!("{} ({})", quoted(&self.catalog.drafts[field].name), kind_name(firm));
                report.refuse("wrong_kind", path, given, format!("a field of kind {}", kind_name(kind)));
            }
        }
    }

    fn join(&mut self, bound: &Bound<'_>, report: &mut Report) {
        let (left, right) = (self.root(bound.left), self.root(bound.right));
        if left == right {
            return;
        }
        if let (Some(a), Some(b)) = (self.firm[left], self.firm[right])
            && a != b
        {
            let name = |field: FieldIndex| quoted(&self.catalog.drafts[field].name);
            let given = format!(
                "{} ({}) and {} ({})",
                name(bound.left),
                kind_name(a),
                name(bound.right),
                kind_name(b)
            );
            report.refuse("wrong_kind", &bound.path, given, "two fields of one kind");
            return;
        }
        self.parents[right] = left;
        self.firm[left] = self.firm[left].or(self.firm[right]);
        self.slips[left] |= self.slips[right];
    }

    /// The kind of every field, once all conditions are noted and joined.
    fn finish(self) -> Vec<FieldKind> {
        let fields = 0..self.parents.len();
        let mut types: Vec<Vec<CellType>> = vec![Vec::new(); fields.len()];
        for field in fields.clone() {
            let held = Side::BOTH.into_iter().filter_map(|side| self.catalog.drafts[field].holds(side));
            types[self.root(field)].extend(held);
        }
        let kind = |root: FieldIndex| match self.firm[root] {
            Some(firm) => firm,
            None => match by_type(&types[root]) {
                FieldKind::Integer if self.slips[root] => FieldKind::Text,
                kind => kind,
            },
        };
        fields.map(|field| kind(self.root(field))).collect()
    }
}

/// The kind that all of these types can be read as without loss.
fn by_type(types: &[CellType]) -> FieldKind {
    use CellType as T;
    let has = |one: CellType| types.contains(&one);
    let only = |some: &[CellType]| types.iter().all(|one| *one == T::Null || some.contains(one));
    if has(T::Integer) && only(&[T::Integer]) {
        FieldKind::Integer
    } else if has(T::Decimal) && only(&[T::Decimal, T::Integer, T::Text]) {
        FieldKind::Amount
    } else if has(T::Day) && only(&[T::Day, T::Text]) {
        FieldKind::Date
    } else {
        FieldKind::Text
    }
}

/// Notes where two joined cells could be taken for equal or different by how they are written.
fn check_join(
    catalog: &Catalog<'_>,
    kinds: &[FieldKind],
    (cardinality, bound): (Cardinality, &Bound<'_>),
    report: &mut Report,
) {
    let (left, right) = (&catalog.drafts[bound.left], &catalog.drafts[bound.right]);
    let kind = kinds[bound.left];
    for slips in bound.condition.test.single().into_iter().filter_map(slips) {
        let of = |kind| matches!(kind, FieldKind::Amount | FieldKind::Text);
        if !of(kind) {
            report.refuse(
                "wrong_kind",
                &bound.path,
                kind_name(kind),
                "an amount or text for slips of digits",
            );
        } else if kind == FieldKind::Text && slips == [Slip::Factor] {
            report.refuse("wrong_kind", &bound.path, kind_name(kind), "an amount for slips by a factor");
        }
    }
    if !joins(&bound.condition.test) || !matches!(kind, FieldKind::Text | FieldKind::Integer) {
        return;
    }
    let sides: &[(Side, Side)] = match cardinality {
        Cardinality::OneToOne | Cardinality::OneToMany | Cardinality::ManyToOne | Cardinality::ManyToMany => {
            &[(Side::Left, Side::Right)]
        }
        Cardinality::SameSide => &[(Side::Left, Side::Left), (Side::Right, Side::Right)],
        Cardinality::Cluster => &[(Side::Left, Side::Left)],
    };
    for (a, b) in sides {
        if let (Some(first), Some(second)) = (left.raw(*a), right.raw(*b)) {
            let words = |draft: &Draft, side: Side, holds: CellType| {
                format!("{}'s {} is {}", catalog.names[side.index()], quoted(&draft.name), holds.words())
            };
            let given = format!("{}, {}", words(left, *a, first), words(right, *b, second));
            let settled =
                [(left, *a), (right, *b)].into_iter().any(|(draft, side)| draft.settles_spelling(side));
            if kind == FieldKind::Text && !settled {
                check_spelling((first, second), given, &bound.path, report);
            }
        }
    }
}

/// Text against another type: the other type never had what text may have been written with.
pub(super) fn check_spelling(
    (first, second): (CellType, CellType),
    given: String,
    path: &str,
    report: &mut Report,
) {
    use CellType as T;
    let number = |holds| matches!(holds, T::Integer | T::Decimal);
    if (first == T::Text && number(second)) || (number(first) && second == T::Text) {
        let expected = "the same on both sides (\"007\" is not 7 unless you say so): add clean = [\"strip_zeros\"] \
                        to the field, or as = \"integer\" to read both as numbers, or as = \"text\" to keep zeros";
        report.refuse("text_against_integer", path, given, expected);
        return;
    }
    let written_apart = [first, second].into_iter().any(|holds| number(holds) || holds == T::Day);
    if first != second && first != T::Null && second != T::Null && written_apart {
        let expected = "values of one kind; as = \"text\" compares them as they are written";
        report.refuse("wrong_kind", path, given, expected);
    }
}

/// Notes fields in use whose cells can't be read as their kind, or that say what their kind has no use for.
pub(super) fn check_cells(catalog: &Catalog<'_>, field: FieldIndex, kind: FieldKind, report: &mut Report) {
    let draft = &catalog.drafts[field];
    for side in Side::BOTH {
        if let Some(cell) = &draft.cells[side.index()] {
            let what = format!("{}'s {}", catalog.names[side.index()], quoted(&draft.name));
            let holds = (cell.holds, is_cut(&cell.spec));
            check_holds(kind, holds, &draft.path(), &what, report);
        }
    }
    if let Some(what) = single_kind(&draft.name, kind) {
        check_single(catalog, field, (&draft.path(), what), report);
    }
    let cells = || draft.cells.iter().flatten().map(|cell| &cell.spec);
    let says = [
        ("debit and credit, or an indicator", FieldKind::Amount, cells().any(is_combined)),
        ("negate", FieldKind::Amount, cells().any(|cell| cell.negate)),
        ("minor", FieldKind::Amount, cells().any(|cell| cell.minor.is_some())),
        ("scale", FieldKind::Amount, draft.spec.scale.is_some() || cells().any(|cell| cell.scale.is_some())),
        ("dates", FieldKind::Date, cells().any(|cell| cell.dates.is_some())),
        (
            "clean",
            FieldKind::Text,
            !draft.spec.clean.is_empty()
                || cells().any(|cell| cell.lookup.is_none() && !cell.clean.is_empty()),
        ),
    ];
    for (option, of, _) in says.into_iter().filter(|(_, of, said)| *said && *of != kind) {
        let given = format!("{option} in a field of kind {}", kind_name(kind));
        let expected =
            format!("it in a field of kind {} only: anywhere else it would do nothing", kind_name(of));
        report.refuse("conflict", &draft.path(), given, expected);
    }
}

fn is_combined(cell: &CellSpec) -> bool {
    !matches!(cell.from, CellSource::Column(_))
}
