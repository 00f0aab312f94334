/**
 * A schema turned into a question: does this value have that shape? Validators are compiled on first use and kept; unknown
 * fields pass, known ones are strict.
 */
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { WIRE } from './codes.ts'
import { type JsonObject, readJsonObject } from './json.ts'
import { LIMITS } from './limits.ts'
import { accept, type Parsed, refuse } from './parsed.ts'

/** What was read from the wire is looked at and not changed: its bytes were hashed or signed. */
export type Frozen<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Frozen<Item>[]
      : { readonly [Key in keyof T]: Frozen<T[Key]> }

export type Wire<Schema extends TSchema> = Frozen<Static<Schema>>
export type Shape<T> = (value: JsonObject) => Parsed<T>
/** Bytes or text of a small message, or its object when it is the header of a bulk message. */
export type Input = string | Uint8Array | object

export function shapeOf<Schema extends TSchema>(schema: Schema): Shape<Wire<Schema>> {
  let validator: Validator | undefined
  return (value) => {
    validator ??= Compile(schema as TSchema) as Validator
    if (validator.Check(value)) return accept(value as Wire<Schema>)
    return refuse(WIRE.wrongShape, firstProblem(validator, value))
  }
}

function firstProblem(validator: Validator, value: unknown): string {
  const problem = validator.Errors(value)[0]
  return problem ? `${problem.instancePath || '/'} ${problem.message}` : 'wrong shape'
}

/** A parser for small messages and headers: JSON object, version, shape. Some answers carry no `v`; then 1 is meant. */
export function messageParser<Schema extends TSchema>(schema: Schema): (input: Input) => Parsed<Wire<Schema>> {
  const shape = shapeOf(schema)
  return (input) => {
    const read = readInput(input)
    if (!read.ok) return read
    const { v } = read.value
    if (typeof v === 'number' && v !== 1) return refuse(WIRE.unknownVersion, `version ${v}`)
    return shape(read.value)
  }
}

function readInput(input: Input): Parsed<JsonObject> {
  if (typeof input === 'string' || input instanceof Uint8Array) return readJsonObject(input, LIMITS.messageBytes)
  return Array.isArray(input) ? refuse(WIRE.notJson, 'not a JSON object') : accept(input as JsonObject)
}

/** A parser for lines that say with `kind` what they are. */
export function lineParser<Line>(
  shapes: ReadonlyMap<unknown, Shape<Line>>,
): (text: string | Uint8Array) => Parsed<Line> {
  return (text) => {
    const read = readJsonObject(text, LIMITS.lineBytes)
    if (!read.ok) return read
    const shape = shapes.get(read.value['kind'])
    return shape ? shape(read.value) : refuse(WIRE.unknownKind, 'kind is missing or unknown')
  }
}
