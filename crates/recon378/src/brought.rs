//! What a run brings along beside its sources: open items of the last one, balances it has to prove, decisions.

use crate::batches::Batches;
use crate::error::Result;
use crate::reconciler::Reconciler;
use arrow_array::RecordBatch;
use recon378_core::carry::OpenItems;
use recon378_core::control::Reservation;
use recon378_core::decisions::Given;
use recon378_core::outcome::Balances;
use recon378_core::outcome::manifest::BroughtRecord;
#[cfg(feature = "io")]
use recon378_core::outcome::manifest::hash_batches;
use recon378_core::plan::Plan;
#[cfg(feature = "io")]
use recon378_core::spec::ReadSpec;
use recon378_core::spec::{BalancesSpec, DecisionsSpec};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All of it, resolved against the plan.
pub(crate) struct Brought {
    pub(crate) open_items: Option<OpenItems>,
    pub(crate) balances: Option<Balances>,
    pub(crate) decisions: Given,
    /// What the tables that were read from files take from the memory limit.
    pub(crate) held: Vec<Reservation>,
}

/// Tables that a host handed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct InMemory {
    open_items: Option<Arc<Vec<RecordBatch>>>,
    balances: Option<Arc<Vec<RecordBatch>>>,
    pub(crate) decisions: Option<Arc<Vec<RecordBatch>>>,
    /// Third tables by name.
    pub(crate) tables: BTreeMap<String, Arc<Vec<RecordBatch>>>,
}

/// A table that a run may bring along.
struct BroughtTable<'a> {
    name: &'static str,
    place: Place<'a>,
    /// Its left is the spec's right.
    swapped: bool,
}

/// Where such a table stands.
enum Place<'a> {
    Nowhere,
    Memory(&'a [RecordBatch]),
    Files(&'a [String]),
}

impl<'a> Place<'a> {
    fn of(in_memory: Option<&'a Arc<Vec<RecordBatch>>>, files: &'a [String]) -> Self {
        match (in_memory, files) {
            (Some(batches), _) => Self::Memory(batches),
            (None, []) => Self::Nowhere,
            (None, files) => Self::Files(files),
        }
    }

    /// Its files, none of a table in memory; `None` where there is no table.
    fn files(&self) -> Option<&'a [String]> {
        match self {
            Self::Nowhere => None,
            Self::Memory(_) => Some(&[]),
            Self::Files(files) => Some(files),
        }
    }
}

impl Reconciler {
    /// Carries these open items into the run: the table `open_items` of an earlier outcome. Takes the place of the
    /// spec's `open_items`.
    ///
    /// Records enter behind those of their source, as they were prepared then. Those that match leave the list; the
    /// others keep the day they were first seen open.
    ///
    /// ```
    /// use arrow_array::record_batch;
    /// use recon378::{Reconciler, Spec};
    ///
    /// let january = record_batch!(("id", Utf8, ["b1"]), ("reference", Utf8, ["INV-1"]), ("amount", Utf8, ["9.50"]))?;
    /// let february = record_batch!(("id", Utf8, ["l1"]), ("reference", Utf8, ["INV-1"]), ("amount", Utf8, ["9.50"]))?;
    /// let reconciler = Reconciler::new(Spec::short(&["reference", "amount"])?);
    /// let first = reconciler.run(&january, &january.slice(0, 0))?;
    /// let second = reconciler.open_items(&first.open_items()?).run(&january.slice(0, 0), &february)?;
    /// assert_eq!(second.summary().matched(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_items<B: Batches + ?Sized>(mut self, table: &B) -> Self {
        self.in_memory.open_items = Some(Arc::new(table.batches().to_vec()));
        self
    }

    /// Proves these balances: a column per field of the tie-out's cells, and `left_opening`, `left_closing`,
    /// `right_opening`, `right_closing`, as far as they are known. Takes the place of the spec's `balances`.
    ///
    /// The outcome then has a statement per cell: [`Outcome::statement_text`](crate::Outcome::statement_text). A proof
    /// that is not zero is a result, not an error.
    pub fn balances<B: Batches + ?Sized>(mut self, table: &B) -> Self {
        self.in_memory.balances = Some(Arc::new(table.batches().to_vec()));
        self
    }

    /// Reads what the run brings along. Mistakes in it are found before any record is read or matched.
    pub(crate) fn brought(&self, plan: &Plan) -> Result<Brought> {
        let [open_items, balances, decisions] = self.tables();
        let mut held = Vec::new();
        let open_items = match self.batches(&open_items, &mut held)? {
            Some(batches) => Some(OpenItems::new(plan, batches)?),
            None => None,
        };
        let balances = match (self.batches(&balances, &mut held)?, &self.spec.balances) {
            (Some(batches), _) => Some(Balances::read(plan, &batches, &self.host.control)?),
            (None, Some(BalancesSpec::Inline(cells))) => {
                Some(Balances::inline(plan, cells, &self.host.control)?)
            }
            (None, _) => None,
        };
        let decisions = match self.batches(&decisions, &mut held)? {
            Some(batches) => Given::from_batches(plan, &batches, decisions.swapped)?,
            None => Given::from_spec(&self.spec.decisions),
        };
        Ok(Brought { open_items, balances, decisions, held })
    }

    /// What a manifest says of the tables that are brought along.
    pub(crate) fn brought_records(&self) -> Vec<BroughtRecord> {
        let record = |table: BroughtTable<'_>| {
            let (table, files) = (table.name.to_owned(), table.place.files()?.to_vec());
            Some(BroughtRecord { table, files, content_hash: None })
        };
        self.tables().into_iter().filter_map(record).chain(self.third_records()).collect()
    }

    /// The hash of a table that is brought along; `None` where the run has no table of that name.
    #[cfg(feature = "io")]
    pub(crate) fn brought_hash(&self, name: &str) -> Result<Option<String>> {
        let place = self.tables().into_iter().find(|table| table.name == name).map(|table| table.place);
        Ok(match place {
            None => self.third_hash(name)?,
            Some(Place::Nowhere) => None,
            Some(Place::Memory(batches)) => Some(hash_batches(batches)?),
            Some(Place::Files(paths)) => Some(self.hash_files(paths, &ReadSpec::default())?),
        })
    }

    /// All tables that a run may bring along. One in memory takes the place of what the spec says.
    fn tables(&self) -> [BroughtTable<'_>; 3] {
        let files = self.spec.open_items.as_slice();
        let balances = match &self.spec.balances {
            Some(BalancesSpec::Paths(paths)) => paths.as_slice(),
            _ => &[],
        };
        let (decisions, turned) = match &self.spec.decisions {
            DecisionsSpec::Files { path, swapped } => (path.as_slice(), *swapped),
            DecisionsSpec::Listed(_) => (&[][..], false),
        };
        let InMemory { open_items: items, balances: sums, decisions: decided, .. } = &self.in_memory;
        [
            BroughtTable { name: "open_items", place: Place::of(items.as_ref(), files), swapped: false },
            BroughtTable { name: "balances", place: Place::of(sums.as_ref(), balances), swapped: false },
            BroughtTable {
                name: "decisions",
                place: Place::of(decided.as_ref(), decisions),
                swapped: turned && decided.is_none(),
            },
        ]
    }

    /// The files of all that a run brings along, and of third tables.
    #[cfg(feature = "io")]
    pub(crate) fn brought_paths(&self) -> Vec<&str> {
        let brought = self.tables();
        let brought = brought.iter().flat_map(|table| table.place.files().unwrap_or_default());
        brought.chain(self.third_paths()).map(String::as_str).collect()
    }

    fn batches(
        &self,
        table: &BroughtTable<'_>,
        held: &mut Vec<Reservation>,
    ) -> Result<Option<Vec<RecordBatch>>> {
        match table.place {
            Place::Nowhere => Ok(None),
            Place::Memory(batches) => Ok(Some(batches.to_vec())),
            Place::Files(paths) => self.read_brought(table.name, paths, held).map(Some),
        }
    }

    #[cfg(feature = "io")]
    fn read_brought(
        &self,
        name: &'static str,
        paths: &[String],
        held: &mut Vec<Reservation>,
    ) -> Result<Vec<RecordBatch>> {
        // The folder of an outcome stands for its table of open items.
        let place = |path: &String| {
            let path = self.base.join(path);
            if name == "open_items" { recon378_io::table_of(&path, name) } else { Ok(path) }
        };
        let paths: Vec<_> = paths.iter().map(place).collect::<Result<_, _>>()?;
        let mut reader = recon378_io::open_written(&paths)?;
        let (batches, kept) = crate::files::all_batches(&self.host.control, &mut reader, |_, _| Ok(()))?;
        held.extend(kept);
        Ok(batches)
    }

    #[cfg(not(feature = "io"))]
    #[expect(clippy::unused_self, reason = "as where files are read")]
    fn read_brought(
        &self,
        name: &'static str,
        paths: &[String],
        _held: &mut Vec<Reservation>,
    ) -> Result<Vec<RecordBatch>> {
        let given = format!("\"{}\"", paths.join("\", \""));
        let expected = "tables in memory: this build reads no files";
        let mistake = recon378_core::error::Mistake::new("bad_value", name, given, expected);
        Err(recon378_core::Error::spec(mistake).into())
    }
}
