'use strict';
// Arrow tables in and out: IPC crosses to the native part, apache-arrow makes and reads it.

const arrow = require('apache-arrow');

const { Type } = arrow;

/** The class of a type, by its number. Types of another copy of apache-arrow have the same numbers. */
const CLASSES = new Map([
  [Type.Dictionary, arrow.Dictionary],
  [Type.Null, arrow.Null],
  [Type.Int, arrow.Int],
  [Type.Float, arrow.Float],
  [Type.Binary, arrow.Binary],
  [Type.LargeBinary, arrow.LargeBinary],
  [Type.Utf8, arrow.Utf8],
  [Type.LargeUtf8, arrow.LargeUtf8],
  [Type.BinaryView, arrow.BinaryView],
  [Type.Utf8View, arrow.Utf8View],
  [Type.Bool, arrow.Bool],
  [Type.Decimal, arrow.Decimal],
  [Type.Date, arrow.Date_],
  [Type.Time, arrow.Time],
  [Type.Timestamp, arrow.Timestamp],
  [Type.Interval, arrow.Interval],
  [Type.Duration, arrow.Duration],
  [Type.List, arrow.List],
  [Type.Struct, arrow.Struct],
  [Type.FixedSizeBinary, arrow.FixedSizeBinary],
  [Type.FixedSizeList, arrow.FixedSizeList],
  [Type.Map, arrow.Map_],
]);

/** Whether a value is a table or a record batch of any copy of apache-arrow. */
const isTable = (value) => Array.isArray(value?.schema?.fields) && (Array.isArray(value.batches) || value.data?.type != null);

/**
 * The bytes of a table or record batch, as an Arrow IPC stream. Copies of apache-arrow tell their objects apart by
 * class, also the ESM and the CommonJS one of a single installation; so the objects are made anew in ours. Columns are
 * not copied for it.
 */
function ipcOf(table) {
  const made = new Map();
  const type = (given) => {
    const known = CLASSES.get(given.typeId);
    if (known === undefined) throw new TypeError(`a column of type ${given} can't be handed over: cast it first`);
    const parts = { ...given };
    if (given.children) parts.children = given.children.map(field);
    if (given.dictionary) parts.dictionary = type(given.dictionary);
    if (given.indices) parts.indices = type(given.indices);
    return Object.assign(Object.create(known.prototype), parts);
  };
  const field = (given) => new arrow.Field(given.name, type(given.type), given.nullable, given.metadata);
  // Batches that share a dictionary go on sharing it: else each would be written with one of its own.
  const dictionary = (given) => {
    if (!made.has(given)) made.set(given, new arrow.Vector(given.data.map((part) => data(part, type(part.type)))));
    return made.get(given);
  };
  const data = (given, own) =>
    new arrow.Data(
      own,
      given.offset,
      given.length,
      given.nullCount,
      [given.valueOffsets, given.values, given.nullBitmap, given.typeIds],
      given.children.map((child, at) => data(child, own.children?.[at]?.type ?? type(child.type))),
      given.dictionary && dictionary(given.dictionary),
      given.variadicBuffers,
    );
  const schema = new arrow.Schema(table.schema.fields.map(field), table.schema.metadata);
  const whole = new arrow.Struct(schema.fields);
  const batches = (table.batches ?? [table]).map((batch) => new arrow.RecordBatch(schema, data(batch.data, whole)));
  return arrow.tableToIPC(new arrow.Table(schema, batches), 'stream');
}

/** The bytes of an array of plain objects. Amounts are strings or bigint; a number is a double. */
function ipcOfRows(rows) {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = [...names].map((name) => [name, columnOf(name, rows)]);
  return arrow.tableToIPC(new arrow.Table(Object.fromEntries(columns)), 'stream');
}

function columnOf(name, rows) {
  const cells = rows.map((row) => row[name] ?? null);
  const kinds = new Set(cells.filter((cell) => cell !== null).map((cell) => (cell instanceof Date ? 'date' : typeof cell)));
  const [kind = 'string', other] = kinds;
  if (kind === 'bigint' && other === undefined && cells.every((cell) => cell === null || BigInt.asIntN(64, cell) === cell)) {
    return arrow.vectorFromArray(cells, new arrow.Int64());
  }
  if (kind === 'number' && other === undefined) return arrow.vectorFromArray(cells, new arrow.Float64());
  if (kind === 'boolean' && other === undefined) return arrow.vectorFromArray(cells, new arrow.Bool());
  if (kind === 'date' && other === undefined) {
    return arrow.vectorFromArray(cells, new arrow.TimestampMillisecond('UTC'));
  }
  return arrow.vectorFromArray(cells.map((cell, row) => textOf(name, row, cell)), new arrow.Utf8());
}

function textOf(name, row, cell) {
  if (cell === null || typeof cell === 'string') return cell;
  if (typeof cell === 'bigint') return cell.toString();
  const what = cell instanceof Date ? 'Date' : typeof cell;
  throw new TypeError(
    `column "${name}", row ${row}: a ${what} among others. A column holds strings and bigints, or else numbers, booleans or Dates alone`,
  );
}

/** An unscaled decimal as text, exactly: `decimalToString(-5n, 2)` is `"-0.05"`. */
function decimalToString(unscaled, scale) {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The unscaled value of one cell of a Decimal column: its 32-bit words, least first, in two's complement. */
function unscaled(words) {
  let value = 0n;
  for (let at = words.length - 1; at >= 0; at -= 1) value = (value << 32n) | BigInt(words[at]);
  return BigInt.asIntN(words.length * 32, value);
}

const DAY = 86_400_000;

/** How a cell of a column becomes a value: a function of the row, `null` for null. */
function reader(vector, { amounts = 'string', dates = 'string' }) {
  const { type } = vector;
  const cell = (row) => vector.get(row);
  const of = (read) => (row) => {
    const value = cell(row);
    return value === null ? null : read(value);
  };
  switch (type.typeId) {
    case Type.Decimal:
      return of((words) => {
        const value = unscaled(words);
        return amounts === 'bigint' ? { value, scale: type.scale } : decimalToString(value, type.scale);
      });
    case Type.Date:
      return of((value) => {
        const date = value instanceof Date ? value : new Date(Number(value));
        return dates === 'date' ? date : date.toISOString().slice(0, 10);
      });
    case Type.Int:
      // Rows, counts and days: far below 2^53.
      return of((value) => (typeof value === 'bigint' ? Number(value) : value));
    default:
      return cell;
  }
}

/** The rows of Arrow IPC bytes as plain objects. */
function rowsOf(bytes, options) {
  const table = arrow.tableFromIPC(bytes);
  const readers = table.schema.fields.map(({ name }, at) => [name, reader(table.getChildAt(at), options)]);
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(readers.map(([name, read]) => [name, read(row)])),
  );
}

/** The cells of a Decimal column of any copy of apache-arrow, as exact text. apache-arrow itself prints them unscaled. */
function readDecimals(vector) {
  if (vector?.type?.typeId !== Type.Decimal) throw new TypeError('readDecimals reads a column of Decimals');
  return Array.from({ length: vector.length }, (_, row) => {
    const words = vector.get(row);
    return words === null ? null : decimalToString(unscaled(words), vector.type.scale);
  });
}

module.exports = { decimalToString, ipcOf, ipcOfRows, isTable, readDecimals, rowsOf };
