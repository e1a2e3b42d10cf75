import type { Bits, Condition, Decimal, Direction, Level, Measure, On, Side, Sign, Slip, Slips, Spec, Within } from './spec';

export * from './spec';

/** A table or record batch of any copy of apache-arrow. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
}

/** A cell of a plain object. Amounts are strings or bigints; a `number` is a double, which needs a `scale` as an amount. */
export type PlainCell = string | bigint | number | boolean | Date | null | undefined;

/**
 * The records of a side: an apache-arrow table, Arrow IPC (stream or file), plain objects, the path of a file, or
 * nothing for the file that the spec names.
 */
export type SourceData = ArrowTable | Uint8Array | readonly Readonly<Record<string, PlainCell>>[] | string | URL | null;

/** The short form: one pass of these conditions; the other keys of a spec may stand beside it. */
export type ShortSpec = Omit<Spec, 'pass'> & { on: On; pass?: never };

/** A spec, its short form, or the path of a TOML or JSON file. */
export type SpecLike = (Spec & { on?: never }) | ShortSpec | string | URL;

/** How far a run is. */
export interface Progress {
  /** `columns`, `pass 1`, …, `breaks`, `cells` (of a comparison), `outcome`. */
  stage: string;
  event: 'started' | 'advanced' | 'finished';
  /** Records done, when `advanced`. */
  done: number;
  /** Records in all, when `advanced`. */
  total: number;
  /** Bytes the engine holds, when `started` or `finished`. */
  bytes: number;
}

/** What a host hands in. But for `decisions`, `openItems`, `balances` and `tables`, none of it changes a result. */
export interface RunOptions {
  /** Aborting it stops the run, which is rejected with the code `cancelled`. */
  signal?: AbortSignal;
  /** Is called on the event loop. */
  onProgress?: (progress: Progress) => void;
  /** As many as the machine has, unless given. */
  threads?: number;
  /** Bytes held at most beside the records handed over. More is an error of the kind `limit`. */
  memoryLimit?: number;
  /** The folder that paths of the spec are relative to. Default: that of the spec's file, else the working folder. */
  base?: string;
  /**
   * What persons said of an earlier outcome: a table with a row per record, from `outcome.decisionsFrom` or with its
   * columns, or the path of a file of it. It stands instead of the spec's own.
   */
  decisions?: SourceData;
  /** The table `open_items` of an earlier outcome: what was open then enters this run. */
  openItems?: SourceData;
  /**
   * A row per cell of the tie-out, with its values and what is known of `left_opening`, `left_closing`,
   * `right_opening`, `right_closing`, as strings or bigints: the outcome then has a statement.
   */
  balances?: SourceData;
  /**
   * Third tables by name, for the spec's `lookup`: `{ remittance: rows }`. They stand instead of the files that the spec
   * names.
   */
  tables?: Readonly<Record<string, SourceData>>;
}

/** What `check` takes. `memoryLimit` doesn't end it: `plan.survey.memory` says whether a run would fit into it. */
export interface CheckOptions extends RunOptions {
  /** Looks at columns only, not at records. */
  schemasOnly?: boolean;
}

/** The plan, and what its passes would look at. */
export interface Check {
  /** As data; the survey of the records stands under `survey`. */
  plan: Record<string, unknown>;
  /** In words. */
  text: string;
  toString(): string;
}

/** The tables of an outcome. */
export type TableName =
  | 'groups'
  | 'members'
  | 'pairs'
  | 'breaks'
  | 'differences'
  | 'issues'
  | 'tie_out'
  | 'causes'
  | 'alternatives'
  | 'decisions'
  | 'open_items'
  | 'adjustments'
  | 'balances'
  | 'statement';
export const TABLES: readonly TableName[];

/** An exact decimal: `value` × 10^-`scale`. */
export interface ExactDecimal {
  value: bigint;
  scale: number;
}

/** How cells become values. */
export interface ToArrayOptions {
  /** Default `string`: `"10.50"`. */
  amounts?: 'string' | 'bigint';
  /** Default `string`: `"2026-01-31"`. */
  dates?: 'string' | 'date';
}

/** A row of a table; `number`s are rows, counts, days and scores, never amounts. */
export type Row<O extends ToArrayOptions = ToArrayOptions> = Record<
  string,
  | string
  | number
  | boolean
  | null
  | (O extends { amounts: 'bigint' } ? ExactDecimal : never)
  | (O extends { dates: 'date' } ? Date : never)
>;

/** An amount of one currency, as exact text. */
export interface OpenAmount {
  currency: string | null;
  amount: string;
}

export interface Amounts {
  currency: string | null;
  left: string;
  right: string;
  /** What it explains of right - left. */
  difference: string;
}

export interface GroupsSummary {
  groups: number;
  /** Left and right. */
  records: [number, number];
  amounts: Amounts[];
}

/** One source. */
export interface SourceSummary {
  side: Side;
  name: string;
  records: number;
  /** Of these, records that came from the open items of an earlier run. */
  carried: number;
  /** Open items that are not among them, because the source holds them itself. */
  replaced: number;
  excluded: number;
  unreadable: number;
  matched: number;
  proposed: number;
  /** Records that groups take in part: what is left of each is open beside. */
  in_part: number;
  open: number;
  match_rate: number | null;
  repeated_ids: number;
  /** Doubles that became decimals, by field. */
  doubles: Record<string, number>;
  unreadable_cells: Record<string, number>;
  /** The first unreadable cell of each field that has any, and the first row (field null) of which no cell can be read. */
  first_unreadable: { field: string | null; row: number; value: string; problem: string }[];
  /** Rows whose cells couldn't be told apart; they are among the unreadable records. */
  unreadable_rows: number;
  /** Lines of its files that are no records: `before_header`, `repeated_header`, `footer`, where there are any. */
  left_out_lines: Record<string, number>;
}

/** One pass. */
export interface PassSummary {
  name: string;
  cardinality: string;
  matched: GroupsSummary;
  proposed: GroupsSummary;
  ambiguity: { unique: number; interchangeable: number; ambiguous: number; limited: number };
  work: {
    entered: [number, number];
    blocks: number;
    comparisons: number;
    candidates: number;
    components: number;
    limited: number;
    nearest_cut: number;
  };
}

/** The identity of one cell: right - left = matched + proposed + open_right - open_left + unexplained. */
export interface CellSummary {
  cell: (string | null)[];
  records: [number, number];
  left: string | null;
  right: string | null;
  difference: string | null;
  matched: string | null;
  proposed: string | null;
  open_left: string | null;
  open_right: string | null;
  unexplained: string | null;
  /** The shortest list of causes that adds up to the difference, the largest first. */
  causes: CauseSummary[];
  /** The difference less the causes: 0. */
  residual: string | null;
}

/** A cause of a cell's difference, over all passes and both sides. */
export interface CauseSummary {
  /** A reason, or `fee`, `rate`, `rounding`, `variance`, `sign`, `conversion`, `other_cell`, `netted`, `proposed`. */
  cause: string;
  /** The fee, the rate or the factor, where several pairs agree on one. */
  detail: string | null;
  records: [number, number];
  /** What it adds to right - left. */
  amount: string;
}

/** A difference that many pairs show. */
export interface SystematicDifference {
  field: string;
  kind:
    | 'days'
    | 'business_days'
    | 'factor'
    | 'sign'
    | 'fee'
    | 'rate'
    | 'cut'
    | 'prefix'
    | 'suffix'
    | 'leading_zeros'
    | 'case'
    | 'spaces'
    | 'punctuation';
  /** The side that shows it; `null` where it has no side. */
  side: Side | null;
  /** Days, factor, formula, characters or text. */
  value: string | null;
  /** Pairs that show it. */
  pairs: number;
  /** Pairs in which both records have a value. */
  of: number;
  share: number;
  examples: { left_row: number; right_row: number; left: string; right: string }[];
  /** All that in one sentence. */
  text: string;
}

/** Proofs of one cell; `null` where a balance that they take is not known. */
export interface BalanceSummary {
  cell: (string | null)[];
  /** Closing - opening - records. */
  left_proof: string | null;
  right_proof: string | null;
  /** The difference of the opening balances that carried records don't explain. */
  brought_forward: string | null;
  /** 0 where the cell is reconciled. */
  proof: string | null;
}

/** Counts, amounts (exact text) and rates. */
export interface Summary {
  schema_version: number;
  as_of: string | null;
  sources: SourceSummary[];
  passes: PassSummary[];
  open: { side: Side; reason: string; records: number; amounts: OpenAmount[] }[];
  totals: {
    records: number;
    excluded: number;
    /** Groups. */
    matched: number;
    /** Groups. */
    proposed: number;
    /** Records. */
    open: number;
    /** Compared fields that differ inside a group. */
    differences: number;
    match_rate: number | null;
  };
  /** What persons decided; null where nothing was. Stale ones are not applied. */
  decisions: { accepted: number; forced: number; rejected: number; stale: number } | null;
  /** What was compared inside groups; `field` is `left = right` where the names differ. */
  compared: { field: string; test: string; pairs: number; differing: number }[];
  /** Groups of many records on both sides, or inside one source: nothing in them was compared. */
  not_compared: number;
  limits_reached: { place: string; what: string; count: number }[];
  tie_out: { amount: string | null; by: string[]; tied_out: boolean; cells_count: number; cells: CellSummary[] };
  /** `null` where no balances were given. */
  balances: { proven: boolean | null; cells_count: number; cells: BalanceSummary[] } | null;
  /** What differs systematically, the most frequent first. */
  systematic: SystematicDifference[];
}

/** What is to be explained. Sources go by their names, or by `left` and `right`; rows count from 0. */
export type Question = GroupQuestion | RecordQuestion;

/** A group by its `group_id`. */
export type GroupQuestion = { group: number | bigint };

/** A record by the name of its source and its id or row. */
export type RecordQuestion =
  /** `occurrence`: which of several records with this id, in canonical order from 1. */
  | { side: string; id: string | number | bigint; occurrence?: number }
  | { side: string; row: number | bigint }
  /** `bank:4711` is an id, `bank#17` a row. */
  | { record: string; occurrence?: number };

/** A record, as it is named everywhere in an explanation. */
export interface RecordName {
  side: Side;
  source: string;
  row: number;
  id: string | null;
}

/** A cell of a record. */
export interface CellStory {
  field: string;
  /** The physical column or columns, and how they are read. */
  column: string;
  value: string | null;
  issue: { value: string; problem: string } | null;
}

/** What one condition says of two records. Grades and weights are in millionths. */
export interface Verdict {
  left: string;
  right: string;
  /** In words. */
  test: string;
  /** An equality of the key. */
  key: boolean;
  required: boolean;
  verdict: 'holds' | 'fails' | 'null';
  left_value: string | null;
  right_value: string | null;
  difference: string | null;
  allowance: string | null;
  /** Of an equality of many values, those that both records have, the first few. */
  shared?: string;
  grade: number | null;
  weight: number | null;
  /** What its level adds to the evidence, in thousandths of a bit; `null` without levels. */
  millibits: number | null;
  /** How much of that the frequency of the value makes; `null` where it doesn't count. */
  millibits_by_frequency: number | null;
  lacks: string | null;
}

/** A candidate, and what became of it. Score and gain are in millionths. */
export interface CandidateStory {
  record: RecordName;
  equal_records: number;
  score: number;
  gain: number;
  variance: string | null;
  days: number | null;
  conditions: Verdict[];
  fate: 'chosen' | 'taken' | 'passed_over' | 'freed' | 'cut' | 'not_reached';
  words: string;
  winner: RecordName | null;
  /** By how much the winner's candidate is better. */
  behind: { score: number; variance: string; days: number } | null;
}

/** What one pass did with a record. */
export interface PassStory {
  /** From 1. */
  number: number;
  pass: string;
  cardinality: string;
  entered: boolean;
  why_not: string | null;
  key: { field: string; value: string | null }[];
  /** Open records that shared its key: of its own side, and of the other. */
  block: [number, number] | null;
  candidates_count: number;
  limited: boolean;
  /** The best, best first. */
  candidates: CandidateStory[];
  /** Without a candidate: the record that came nearest. */
  nearest: { record: RecordName; lacks: string[]; conditions: Verdict[] } | null;
}

/** A record that a person asked about, or a member of a group. */
export interface MemberStory {
  record: RecordName;
  file: { path: string; row: number } | null;
  /** What its group takes of its amount, where that is not all, and what is left of it. */
  in_part: { taken: string; left: string } | null;
  cells: CellStory[];
}

/** All about one record. */
export interface RecordStory extends MemberStory {
  kind: 'record';
  state: 'excluded' | 'unreadable' | 'open' | 'matched' | 'proposed';
  /** Whether it was carried from the open items of an earlier run, or stands in the place of such a record. */
  carried: boolean;
  /** The day since which it is open, where it was carried and that is known. */
  first_seen: string | null;
  excluded_by: string[];
  group: {
    group_id: number;
    pass: string;
    status: 'matched' | 'proposed';
    ambiguity: string;
    with: RecordName[];
  } | null;
  open: {
    reason: string;
    words: string;
    pass: string | null;
    nearest: RecordName | null;
    rival: RecordName | null;
    score: number | null;
    lacks: string | null;
  } | null;
  passes: PassStory[];
}

/** All about one group. Scores, gains, weights and regrets are in millionths. */
export interface GroupStory {
  kind: 'group';
  group_id: number;
  pass: string;
  cardinality: string;
  status: 'matched' | 'proposed';
  proposed_because: string | null;
  ambiguity: 'unique' | 'interchangeable' | 'ambiguous' | 'limited';
  ambiguity_words: string;
  left: MemberStory[];
  right: MemberStory[];
  conditions: Verdict[];
  /** Sums are text: they pass what a number holds. */
  score: {
    steps: { what: string; weight: number; grade: number; product: string }[];
    sum: string;
    weights: string;
    score: number;
    /** Of a probability, in thousandths of a bit; else `null`. */
    evidence: {
      prior: string;
      prior_millibits: number;
      steps: { what: string; millibits: number; millibits_by_frequency: number | null }[];
      millibits: number;
    } | null;
  };
  gain: number;
  regret: number | null;
  regret_words: string;
  /** What became of its amounts before they were compared, where the pass has fees or converts. */
  terms?: {
    side: Side;
    source: string;
    gross: string | null;
    fee: string | null;
    converts: boolean;
    compared: string | null;
  }[];
  variance: string | null;
  days: number | null;
  rivals_count: number;
  rivals: { member: RecordName; count: number; candidates: CandidateStory[] }[];
  /** For a tied group: pairs of other answers that are as good. */
  alternatives: { left: RecordName; right: RecordName; score: number }[];
  alternatives_count: number;
}

/** The story of a group or a record. */
export class Explanation<S extends RecordStory | GroupStory = RecordStory | GroupStory> {
  private constructor();
  readonly data: S;
  /** As a person reads it. */
  toString(): string;
}

/** What a run found. Complete and tied out, or it would not exist. */
export class Outcome {
  private constructor();
  /** A table as uncompressed Arrow IPC, for `tableFromIPC`. */
  table(name: TableName): Promise<Uint8Array>;
  /** A table as plain objects. */
  toArray<const O extends ToArrayOptions = {}>(name: TableName, options?: O): Promise<Row<O>[]>;
  /**
   * Decisions about groups of this outcome, for the option `decisions` of a later run, as Arrow IPC: what a review
   * screen hands back. Each row has the record's amount, so that the decision is stale once it changed.
   */
  decisionsFrom(
    groupIds: Iterable<number | bigint>,
    kind?: 'accept' | 'reject' | 'force',
  ): Promise<Uint8Array>;
  readonly summary: Summary;
  /** The full story of a group or a record, on demand. */
  explain(question: GroupQuestion): Promise<Explanation<GroupStory>>;
  explain(question: RecordQuestion): Promise<Explanation<RecordStory>>;
  explain(question: Question): Promise<Explanation>;
  /** A hash of the logical values of all tables: the same in every language, on every platform. */
  digest(): Promise<string>;
  /** Versions, the spec and the digest: the record of the run. */
  manifest(): Promise<Record<string, unknown>>;
  /** Writes all tables, the summary and the manifest into a folder, whole or not at all. */
  write(folder: string | URL, options?: { format?: 'parquet' | 'csv' | 'ndjson' | 'arrow' | 'xlsx' }): Promise<void>;
  /** The reconciliation statement as a person reads it; `null` where no balances were given. */
  readonly statementText: string | null;
  /** The summary as a person reads it. */
  toString(): string;
}

/** One mistake in a spec. */
export interface Mistake {
  /** Stable: `unknown_key`, `wrong_type`, `unknown_field`, … */
  code: string;
  /** Where in the spec: `pass[0].on[1].within`. */
  path: string;
  given: string;
  expected: string;
  nearest: string | null;
  /** Line and column of the text it was read from, from 1. */
  position: [number, number] | null;
}

/** Any failure. What is not known is `null`. */
export class ReconError extends Error {
  private constructor();
  /** What to do: mend the spec, mend the data, give more, nothing, try again, report a bug. */
  readonly kind: 'invalid_spec' | 'invalid_data' | 'limit' | 'cancelled' | 'unavailable' | 'internal';
  /** Stable: `unknown_field`, `double_needs_scale`, `ragged_row`, `not_found`, … */
  readonly code: string;
  /** In the spec (of the first mistake), or the file. */
  readonly path: string | null;
  readonly source: string | null;
  readonly field: string | null;
  /** From 0. */
  readonly row: number | null;
  /** From 1. */
  readonly line: number | null;
  readonly value: string | null;
  readonly hint: string | null;
  /** All mistakes of a spec. */
  readonly mistakes: readonly Mistake[];
}

/**
 * Decides which records of two sources belong together, and accounts for every difference. Runs off the event loop.
 * Rejects with a `ReconError`.
 */
export function reconcile(
  left: SourceData,
  right: SourceData,
  spec: SpecLike,
  options?: RunOptions,
): Promise<Outcome>;

/**
 * Looks for the duplicates of one source: puts records together that are near each other, one by one. The spec has `source`
 * instead of `left` and `right`, and passes of the `cardinality` `'cluster'`; `{ on: […] }` is one such pass. Each cluster
 * is a group of the outcome, and a record without a duplicate is open. Rejects with a `ReconError`.
 */
export function cluster(source: SourceData, spec: SpecLike, options?: RunOptions): Promise<Outcome>;

/** Says what a spec would do and would have to look at; matches nothing. */
export function check(left: SourceData, right: SourceData, spec: SpecLike, options?: CheckOptions): Promise<Check>;

/** How two tables are compared. Columns go by the names of the left table. */
export interface CompareOptions {
  /** The columns that bring rows together. */
  key: string | readonly string[];
  /** The columns that are compared. Default: all that both tables have. */
  columns?: readonly string[];
  /** Columns that are left out of it. */
  ignored?: readonly string[];
  /** The right table's name of a column, where it has another one. */
  renamed?: Readonly<Record<string, string>>;
  /** Per column the tolerance, inclusive: `"0.01"`, or `"0.5%"` of the larger value. */
  within?: Readonly<Record<string, string>>;
  /** Per column what a null is equal to: a null (the default), also empty text, or nothing. */
  nulls?: Readonly<Record<string, 'equal' | 'empty' | 'differ'>>;
  /** Rows of one key up to which unequal ones are paired by assignment. Default 64. */
  rivals_max?: number;
  /** What the summary and the errors call the two tables; files have their own names. Default left and right. */
  names?: readonly [string, string];
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** As many as the machine has, when absent. */
  threads?: number;
  /** Bytes held at most beside the tables handed over. */
  memoryLimit?: number;
}

/** The figures of a comparison. */
export interface ComparisonSummary {
  equal: boolean;
  names: [string, string];
  rows: [number, number];
  paired_rows: number;
  changed_rows: number;
  only_left: number;
  only_right: number;
  differing_cells: number;
  key: string[];
  repeated_keys: number;
  limited_keys: number;
  columns: {
    name: string;
    right_name: string;
    types: [string, string];
    type_changed: boolean;
    differing: number;
    changed: number;
    nulled: number;
    filled: number;
    format: number;
    space_or_case: number;
    largest: { delta: string; left_row: number; right_row: number } | null;
  }[];
  one_sided: { left: string[]; right: string[] };
  ignored: string[];
}

/** What a comparison found. */
export class Comparison {
  private constructor();
  /** As uncompressed Arrow IPC. */
  table(name: 'differences' | 'rows'): Promise<Uint8Array>;
  /** As plain objects. */
  toArray(name: 'differences' | 'rows'): Promise<Record<string, string | number | null>[]>;
  readonly summary: ComparisonSummary;
  /** The same columns, every row with a partner, no cell that differs. */
  readonly equal: boolean;
  write(folder: string | URL, options?: { format?: 'parquet' | 'csv' | 'ndjson' | 'arrow' | 'xlsx' }): Promise<void>;
  toString(): string;
}

/** Compares two versions of a table: rows on one side only, cells that differ, by how much. Runs off the event loop. */
export function compare(
  left: Exclude<SourceData, null>,
  right: Exclude<SourceData, null>,
  options: CompareOptions,
): Promise<Comparison>;

/** Old and new. */
export type OldNew<T> = [T, T];

/** An amount of one currency, as exact text. */
export interface DiffAmount {
  currency: string | null;
  amount: OldNew<string>;
}

/** What became of a record, as far as one outcome tells. */
export type RecordState = 'matched' | 'proposed' | 'open' | 'excluded' | 'absent';

/** The figures of a diff. */
export interface DiffSummary {
  schema_version: number;
  equal: boolean;
  /** What the outcomes are called. */
  names: OldNew<string>;
  /** What tells that the outcomes are not of the same records. */
  warnings: {
    code: 'records_differ' | 'ids_differ' | 'content_differs' | 'cells_differ';
    side: Side | null;
    text: string;
  }[];
  sources: [DiffSource, DiffSource];
  /** All kinds, in their order. */
  groups: {
    kind: 'unchanged' | 'changed' | 'regrouped' | 'vanished' | 'appeared';
    groups: OldNew<number>;
    amounts: { currency: string | null; left: OldNew<string>; right: OldNew<string>; net: OldNew<string> }[];
  }[];
  /** Records that are grouped, open or excluded otherwise than before. */
  records: {
    kind: 'grouped' | 'opened' | 'regrouped' | 'status_changed' | 'reason_changed' | 'entered' | 'gone';
    side: Side;
    records: number;
    amounts: DiffAmount[];
  }[];
  /** Every record of both inputs is in exactly one line. */
  flows: {
    side: Side;
    was: RecordState;
    /** The pass that grouped them, or the reason they were open for. */
    was_by: string | null;
    is: RecordState;
    is_by: string | null;
    records: number;
    amounts: DiffAmount[];
  }[];
  tie_out: {
    by: string[];
    cells_count: number;
    changed_count: number;
    /** The first cells, changed ones before the others. */
    cells: {
      cell: (string | null)[];
      terms: { term: string; old: string | null; new: string | null; change: string | null }[];
    }[];
  };
}

/** One source in both outcomes. */
export interface DiffSource {
  side: Side;
  names: OldNew<string>;
  records: OldNew<number>;
  matched_by: 'row' | 'id';
}

/** What differs between two outcomes. */
export class Diff {
  private constructor();
  /** As uncompressed Arrow IPC. */
  table(name: 'groups' | 'records' | 'tie_out'): Promise<Uint8Array>;
  /** As plain objects. */
  toArray<const O extends ToArrayOptions = {}>(
    name: 'groups' | 'records' | 'tie_out',
    options?: O,
  ): Promise<Row<O>[]>;
  readonly summary: DiffSummary;
  /** No group, no open record and its reason, no term of the tie-out differs. */
  readonly equal: boolean;
  write(folder: string | URL, options?: { format?: 'parquet' | 'csv' | 'ndjson' | 'arrow' | 'xlsx' }): Promise<void>;
  toString(): string;
}

/**
 * What differs between two outcomes: groups that appear, vanish and change, records that open and close, terms of the
 * tie-out that move. Each is an outcome, the folder that one was written to (in any format), or the path of a spec,
 * which is run on the files it names. Runs off the event loop.
 */
export function diff(
  before: Outcome | string | URL,
  after: Outcome | string | URL,
  options?: { signal?: AbortSignal; threads?: number },
): Promise<Diff>;

/** The spec that a TOML or JSON text says. Throws a `ReconError` with all its mistakes. */
export function parseSpec(text: string): Spec;

/** A spec as TOML, which `recon378 run` reads. */
export function specToToml(spec: SpecLike): string;

/** The mistakes of a spec by itself, without sources; empty when it is right. */
export function validateSpec(spec: SpecLike): Mistake[];

/** The JSON Schema of specs. */
export function schema(): Record<string, unknown>;

export const version: string;

/** An unscaled decimal as exact text: `decimalToString(-5n, 2)` is `"-0.05"`. */
export function decimalToString(unscaled: bigint, scale: number): string;

/** The cells of a Decimal column of an apache-arrow table, as exact text; apache-arrow itself prints them unscaled. */
export function readDecimals(vector: { readonly length: number; get(row: number): unknown }): (string | null)[];

/** A field both sides have, or `[left, right]`. */
export type FieldName = string | readonly [string, string];

/** What every condition may say. */
export interface ConditionOptions {
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean;
  /** Its part in the score. */
  weight?: Decimal;
}

/** The values are equal; with `nulls: 'equal'` two nulls are, too. */
export function equals(field: FieldName, options?: ConditionOptions & { nulls?: 'equal' }): Condition;
/** The amounts differ by at most `"0.05"`, `"0.5%"`, or the smaller of both; bounds are inclusive. */
export function within(
  field: FieldName,
  tolerance: Within,
  options?: ConditionOptions & { of?: Side; sign?: Sign },
): Condition;
/** Right minus left is from `least` to `most` calendar days; one number n means from -n to n. */
export function days(field: FieldName, least: number, most?: number, options?: ConditionOptions): Condition;
/** As `days`, in business days of a calendar of the spec. */
export function businessDays(
  field: FieldName,
  least: number,
  most: number | undefined,
  options: ConditionOptions & { calendar: string },
): Condition;
/** The texts are alike by a measure, from `atLeast` (0 to 1) on. */
export function similar(field: FieldName, measure: Measure, atLeast: Decimal, options?: ConditionOptions): Condition;
/** One side's text stands in the other's. */
export function occurs(
  field: FieldName,
  direction?: Direction,
  options?: ConditionOptions & { min_length?: number },
): Condition;
/** The digits differ by one slip: two swapped, one wrong, or a factor of 10 or 100. */
export function slip(field: FieldName, kinds?: Slips | readonly Slip[], options?: ConditionOptions): Condition;
/**
 * Evidence in bits, for passes with `score: 'probability'`: that of the first level that holds, `otherwise` where none
 * does, `null` where a value is missing.
 */
export function levels(
  field: FieldName,
  among: readonly Level[],
  options?: { otherwise?: Bits; null?: Bits; required?: boolean },
): Condition;
