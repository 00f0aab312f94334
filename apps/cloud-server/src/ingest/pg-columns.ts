/**
 * Rows as columns: the ingest statement takes every kind of row as one array per column. A shape names the columns and their types
 * once; from it come the SQL that unnests them and the bytes that are sent.
 */
import { type ColumnType, type ColumnValue, encodeArray } from './pg-arrays.ts'

export type Shape = Readonly<Record<string, ColumnType>>

export interface Columns<S extends Shape> {
  readonly shape: S
  readonly values: { readonly [Name in keyof S]: ColumnValue[] }
}

export function emptyColumns<S extends Shape>(shape: S): Columns<S> {
  const values = Object.fromEntries(Object.keys(shape).map((name) => [name, []])) as unknown as Columns<S>['values']
  return { shape, values }
}

/** The columns as query parameters, in the order of the shape. */
export function encodeColumns(columns: Columns<Shape>): Buffer[] {
  return Object.entries(columns.shape).map(([name, type]) => encodeArray(type, columns.values[name] ?? []))
}

/** Numbers the parameters of a statement while its text is written. */
export function parameterCounter() {
  let last = 0
  return {
    one: (type: string) => {
      last += 1
      return `$${last}::${type}`
    },
    /** The array parameters of some columns, for a shape whose `rows` come next. */
    peek: (shape: Shape, names: readonly string[]) =>
      names.map((name) => `$${last + 1 + Object.keys(shape).indexOf(name)}::${shape[name]}[]`),
    /** `unnest($1::int4[], …) AS name (column, …)` */
    rows(name: string, shape: Shape): string {
      const arrays = Object.values(shape).map((type) => {
        last += 1
        return `$${last}::${type}[]`
      })
      return `unnest(${arrays.join(', ')}) AS ${name} (${Object.keys(shape).join(', ')})`
    },
  }
}
