//! A run with everything a host hands in, and the order of its stages.

use crate::batches::Batches;
use crate::brought::{Brought, InMemory};
use crate::error::Result;
use crate::host::{Host, guarded, host_methods};
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use recon378_core::carry::OpenItems;
use recon378_core::columns::{self, Columns, Facts, UnreadableRow};
use recon378_core::control::Memory;
use recon378_core::decisions;
use recon378_core::error::{DataError, Mistake, Mistakes};
use recon378_core::outcome::{Manifest, Outcome};
use recon378_core::plan::{self, Plan, Side};
use recon378_core::survey::{self, Survey};
use recon378_core::tables::Tables;
use recon378_core::{Spec, Stage, engine};
use std::path::PathBuf;
use std::sync::Arc;

/// The records of both sources as they were read.
pub(crate) struct Sides<S, K> {
    pub(crate) batches: [S; 2],
    /// Rows whose cells couldn't be told apart.
    pub(crate) unreadable: [Vec<UnreadableRow>; 2],
    /// What is kept as long as the batches are.
    pub(crate) kept: K,
}

impl<S> Sides<S, ()> {
    /// Records that were handed over.
    fn of(batches: [S; 2]) -> Self {
        Self { batches, unreadable: [Vec::new(), Vec::new()], kept: () }
    }
}

/// Reconciles two sources in memory.
///
/// Each side is one [`RecordBatch`] or several with the same columns. The row numbers of the outcome run through
/// the batches in order. The outcome depends on the spec and the records alone, never on threads or batch sizes.
///
/// Cost: one read of the input to prepare it, then what `Reconciler::check` tells per pass. Threads live for the
/// call, unless it is made inside a rayon pool, which is then used.
///
/// # Errors
/// A spec that doesn't fit the columns, with all its mistakes; data that can't be read as the spec says.
///
/// ```
/// use arrow_array::record_batch;
/// use recon378::{Spec, reconcile};
///
/// let bank = record_batch!(("reference", Utf8, ["INV-1", "INV-2"]), ("amount", Utf8, ["10.50", "7.00"]))?;
/// let ledger = record_batch!(("reference", Utf8, ["INV-2", "INV-3"]), ("amount", Utf8, ["7.00", "9.99"]))?;
/// let spec = Spec::short(&["reference", "amount"])?;
/// let outcome = reconcile(&spec, &bank, &ledger)?;
/// println!("{}", outcome.summary());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reconcile<L, R>(spec: &Spec, left: &L, right: &R) -> Result<Outcome>
where
    L: Batches + ?Sized,
    R: Batches + ?Sized,
{
    Reconciler::new(spec.clone()).run(left, right)
}

fn mistaken(code: &'static str, path: &str, given: &str, expected: &str) -> crate::Error {
    let mistake = Mistake::new(code, path, given, expected);
    recon378_core::Error::Spec(Mistakes(vec![mistake])).into()
}

/// A spec with what a host hands in: a flag to stop by, a listener, a memory limit, threads. None of these change
/// a result.
///
/// ```
/// # use recon378::{Cancel, Reconciler, Spec};
/// # let spec = Spec::short(&["reference", "amount"])?;
/// let stop = Cancel::new(); // keep a clone: another thread may call stop.cancel()
/// let reconciler = Reconciler::new(spec).cancel(stop.clone()).memory_limit(2 << 30).threads(4);
/// # let _unused = reconciler;
/// # Ok::<(), recon378::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before run()"]
pub struct Reconciler {
    pub(crate) spec: Spec,
    pub(crate) host: Host,
    pub(crate) base: PathBuf,
    /// The file that stands for the path `-`.
    pub(crate) standard_input: Option<PathBuf>,
    pub(crate) in_memory: InMemory,
}

host_methods!(Reconciler, "Tells `progress` how far the run is; [`StageTimes`](crate::StageTimes) measures.");

impl Reconciler {
    /// A run of this spec: quiet, without a memory limit, on as many threads as the machine has.
    pub fn new(spec: Spec) -> Self {
        let (host, in_memory) = (Host::default(), InMemory::default());
        Self { spec, host, base: PathBuf::new(), standard_input: None, in_memory }
    }

    /// What persons decided about an earlier outcome, as tables in memory, instead of what the spec names or lists:
    /// one row per record, with the columns that `docs/spec/spec.md` describes under `decisions`.
    /// [`Outcome::decisions_from`] makes such a table of groups.
    ///
    /// ```
    /// # use recon378::{Reconciler, Spec, spec::DecisionKind};
    /// # use arrow_array::record_batch;
    /// let bank = record_batch!(("id", Utf8, ["b1"]), ("payee", Utf8, ["ACME Ltd"]))?;
    /// let ledger = record_batch!(("id", Utf8, ["l7"]), ("payee", Utf8, ["ACME Limited"]))?;
    /// let spec: Spec = r#"
    ///     [[pass]]
    ///     on = [{ field = "payee", similar = "token_set", at_least = 0.5 }]
    ///     status = "proposed"
    /// "#.parse()?;
    /// let reconciler = Reconciler::new(spec);
    /// let proposed = reconciler.run(&bank, &ledger)?;
    /// assert_eq!(proposed.summary().proposed(), 1);
    ///
    /// let yes = proposed.decisions_from(&[0], DecisionKind::Accept)?; // the group's id
    /// let decided = reconciler.decisions(&yes).run(&bank, &ledger)?;
    /// assert_eq!(decided.summary().matched(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decisions(mut self, tables: &(impl Batches + ?Sized)) -> Self {
        self.in_memory.decisions = Some(Arc::new(tables.batches().to_vec()));
        self
    }

    /// The file that is read where the spec has the path `-`, which stands for standard input. A library reads no
    /// standard input: the host takes it into a file ([`spool`](crate::spool)) and names it here. The outcome knows it as
    /// `-`.
    pub fn standard_input(mut self, file: impl Into<PathBuf>) -> Self {
        self.standard_input = Some(file.into());
        self
    }

    /// Where a path of the spec leads.
    #[cfg(feature = "io")]
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        match &self.standard_input {
            Some(file) if path == "-" => file.clone(),
            _ => self.base.join(path),
        }
    }

    /// The folder that paths of the spec are relative to. Default: the working folder.
    pub fn base(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base = folder.into();
        self
    }

    /// Resolves the spec against the columns of both sources, and of third tables: all mistakes surface here. Reads no
    /// records but those of third tables. Of a spec with one source `left` are its columns, and `right` is not looked at.
    ///
    /// [`plan::describe`] tells the plan in words, [`plan::view`] as data.
    ///
    /// # Errors
    /// A spec that doesn't fit the columns, with all its mistakes.
    pub fn check(&self, left: &Schema, right: &Schema) -> Result<Plan> {
        guarded(|| Ok(plan::resolve_with(&self.spec, left, right, &self.third_tables()?)?))
            .map_err(|error| error.located(&self.spec))
    }

    /// The plan, and what its passes would look at in these records: blocks, pairs, the largest blocks by their key,
    /// records that have a partner at all. Nothing is compared or matched.
    ///
    /// Each pass is counted as if no earlier one had matched anything. Print the survey, or serialise it. It estimates
    /// from above what a run takes, and tells whether that fits into [`memory_limit`](Self::memory_limit); the check
    /// itself doesn't end at the limit.
    ///
    /// Cost: columns are prepared as for a run; then per pass a join on its key.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn check_records<L, R>(&self, left: &L, right: &R) -> Result<(Plan, Survey)>
    where
        L: Batches + ?Sized,
        R: Batches + ?Sized,
    {
        let sides = [left.batches(), right.batches()];
        let unlimited = self.unlimited();
        let plan = unlimited.resolved(sides)?;
        unlimited.surveyed(plan, self.host.control.memory.limit(), || Ok(Sides::of(sides)))
    }

    /// Reconciles two sources in memory. See [`reconcile`].
    ///
    /// # Errors
    /// As [`reconcile`]; cancellation; a memory limit that was reached.
    pub fn run<L, R>(&self, left: &L, right: &R) -> Result<Outcome>
    where
        L: Batches + ?Sized,
        R: Batches + ?Sized,
    {
        let sides = [left.batches(), right.batches()];
        let plan = self.resolved(sides)?;
        self.stages(plan, || Ok(Sides::of(sides))).map(|(outcome, ())| outcome)
    }

    /// Looks for duplicates in one source in memory: for a spec with `source`, whose passes make clusters.
    ///
    /// ```
    /// use arrow_array::record_batch;
    /// use recon378::{Pass, Reconciler, Spec, conditions::similar, spec::Measure};
    ///
    /// let customers = record_batch!(
    ///     ("id", Utf8, ["c1", "c2", "c3"]),
    ///     ("name", Utf8, ["Jane Roe", "Jane Row", "John Doe"])
    /// )?;
    /// let near = Pass::on([similar("name", Measure::JaroWinkler, "0.9")]).cluster();
    /// let spec = Spec::builder().source("customers").pass(near).build()?;
    /// let outcome = Reconciler::new(spec).cluster(&customers)?;
    /// assert_eq!((outcome.summary().matched(), outcome.summary().breaks()), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Self::run); a spec of two sources.
    pub fn cluster<S: Batches + ?Sized>(&self, source: &S) -> Result<Outcome> {
        if !self.spec.one_source {
            let expected = "one source, for one table: `source` instead of `left` and `right`";
            return Err(mistaken("missing", "source", "nothing", expected));
        }
        let sides = [source.batches(), &[]];
        let plan = self.resolved(sides)?;
        self.stages(plan, || Ok(Sides::of(sides))).map(|(outcome, ())| outcome)
    }

    /// The record of a run of this spec: versions, the spec, the files. No hashes: [`Manifest::with_digest`] adds
    /// the outcome's, `manifest_with_hashes` all of them.
    pub fn manifest(&self, outcome: &Outcome) -> Manifest {
        let mut manifest = Manifest::new(outcome, self.spec.to_json());
        manifest.brought = self.brought_records();
        let has_files = manifest.sources.iter().any(|source| !source.files.is_empty());
        manifest.base = has_files.then(|| self.base.to_string_lossy().into_owned());
        manifest
    }

    fn resolved(&self, sides: [&[RecordBatch]; 2]) -> Result<Plan> {
        let left = self.schema(sides[0], Side::Left)?;
        if self.spec.one_source {
            self.check_no_second(!sides[1].is_empty())?;
            return self.check(&left, &left);
        }
        let right = self.schema(sides[1], Side::Right)?;
        self.check(&left, &right)
    }

    /// A spec of one source has no use for a second table.
    pub(crate) fn check_no_second(&self, is_there: bool) -> Result<()> {
        if is_there && self.spec.one_source {
            let expected = "one table, or a spec with `left` and `right`";
            return Err(mistaken("conflict", "source", "two tables", expected));
        }
        Ok(())
    }

    pub(crate) fn schema(&self, batches: &[RecordBatch], side: Side) -> Result<SchemaRef> {
        let name = self.spec.source_name(side);
        let problem = || {
            let hint = "Hand over at least one batch; an empty one still tells the columns";
            DataError::new("no_batches", name, "there is no batch", hint)
        };
        let first = batches.first().ok_or_else(|| recon378_core::Error::from(problem()))?;
        Ok(first.schema())
    }

    /// Prepares, matches, explains. The batches are given up as soon as columns are made of them; what is kept
    /// beside them is handed back at the end, because columns share their text with the batches.
    pub(crate) fn stages<S: AsRef<[RecordBatch]> + Send, K: Send>(
        &self,
        plan: Plan,
        sides: impl FnOnce() -> Result<Sides<S, K>> + Send,
    ) -> Result<(Outcome, K)> {
        let control = &self.host.control;
        self.on_threads(move || {
            let brought = self.brought(&plan)?;
            let (plan, columns, kept) = self.prepared(plan, &brought, sides)?;
            let Brought { balances, open_items, decisions, held } = brought;
            drop((open_items, decisions, held));
            let found = engine::run(&plan, &columns, control)?;
            let outcome = || {
                let outcome = Outcome::new(Arc::new(plan), Arc::new(columns), found)?;
                match &balances {
                    Some(balances) => outcome.with_balances(balances),
                    None => Ok(outcome),
                }
            };
            Ok((control.stage(Stage::Outcome, outcome)?, kept))
        })
        .map_err(|error| error.located(&self.spec))
    }

    /// The same without its memory limit: what a check finds is held against the limit, and doesn't end at it.
    pub(crate) fn unlimited(&self) -> Self {
        let mut unlimited = self.clone();
        unlimited.host.control.memory = Memory::default();
        unlimited
    }

    /// Prepares the columns and counts what the passes would look at; to be called on [`unlimited`](Self::unlimited),
    /// with the limit that was given.
    pub(crate) fn surveyed<S: AsRef<[RecordBatch]> + Send, K: Send>(
        &self,
        plan: Plan,
        limit: Option<u64>,
        sides: impl FnOnce() -> Result<Sides<S, K>> + Send,
    ) -> Result<(Plan, Survey)> {
        self.on_threads(move || {
            let brought = self.brought(&plan)?;
            let (plan, columns, _kept) = self.prepared(plan, &brought, sides)?;
            let mut survey = survey::survey(&plan, &columns, &self.host.control)?;
            survey.memory = survey.memory.held_against(limit);
            Ok((plan, survey))
        })
        .map_err(|error| error.located(&self.spec))
    }

    fn prepared<S: AsRef<[RecordBatch]>, K>(
        &self,
        mut plan: Plan,
        brought: &Brought,
        sides: impl FnOnce() -> Result<Sides<S, K>>,
    ) -> Result<(Plan, Columns, K)> {
        let (control, open_items) = (&self.host.control, &brought.open_items);
        control.stage(Stage::Columns, || {
            Ok(sides().and_then(|Sides { batches, unreadable, kept }| {
                let sides = batches.each_ref().map(AsRef::as_ref);
                let facts = Facts::gather_with(&plan, Side::Left, sides[0], control)?
                    .merge(Facts::gather_with(&plan, Side::Right, sides[1], control)?)?
                    .with_scale(open_items.as_ref().and_then(OpenItems::scale));
                let mut columns = columns::prepare(&plan, &facts, sides, control)?;
                // Nothing looks anything up any more.
                plan.tables = Tables::default();
                for (side, rows) in columns.sides.iter_mut().zip(unreadable) {
                    if !rows.is_empty() {
                        side.mark_unreadable(rows, plan.limits.issues_max)?;
                    }
                }
                if let Some(items) = open_items {
                    columns = items.join(&plan, &facts, columns, control)?;
                }
                // Decisions may name what an earlier run left open.
                decisions::take(&mut plan, &mut columns, &brought.decisions)?;
                Ok((plan, columns, kept))
            }))
        })?
    }

    /// Runs `work` as this reconciler's runs are: on threads made for the call and gone after it, or on the rayon
    /// pool that the call is made in. A panic in it becomes an internal error.
    ///
    /// An outcome makes its tables, its digest and its files on the current rayon pool, which outside of any is the
    /// global one. A host whose process forks goes through here instead: a global pool is dead in the child.
    ///
    /// ```
    /// # use recon378::{Reconciler, Spec};
    /// # use arrow_array::record_batch;
    /// # let bank = record_batch!(("reference", Utf8, ["INV-1"]))?;
    /// let reconciler = Reconciler::new(Spec::short(&["reference"])?).threads(2);
    /// let outcome = reconciler.run(&bank, &bank)?;
    /// let pairs = reconciler.on_threads(|| Ok(outcome.table("pairs")?))?;
    /// assert_eq!(pairs.num_rows(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What `work` says; the system gives no threads; a panic.
    pub fn on_threads<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        self.host.on_threads(work)
    }
}
