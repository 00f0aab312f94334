/**
 * The one way a program is told what to do. Every option is declared once with its type, default and a sentence of
 * documentation; values come from a YAML or JSON file, then the environment, then `--set key=value`, each stronger than the one
 * before. What is not declared is refused by name, so that a typing error never turns into a silent default.
 */
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { Failure } from './failure.ts'

type OptionTypes = { string: string; number: number; boolean: boolean; list: readonly string[] }

export interface Option<Type extends keyof OptionTypes = keyof OptionTypes> {
  readonly type: Type
  /** Missing: the value is undefined unless it is given. */
  readonly default?: OptionTypes[Type]
  readonly doc: string
}

export type Options = Readonly<Record<string, Option>>

export type Config<O extends Options> = {
  readonly [Key in keyof O]: O[Key] extends { readonly default: unknown }
    ? OptionTypes[O[Key]['type']]
    : OptionTypes[O[Key]['type']] | undefined
}

export interface ConfigSources {
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly envPrefix: string
  readonly sets: readonly string[]
}

/** Keeps the literal types of a declaration. */
export function defineOptions<const O extends Options>(options: O): O {
  return options
}

/** Throws a `Failure` with code GH-CONFIG-001 that names the key, where it came from and what is wrong. */
export function loadConfig<O extends Options>(options: O, sources: ConfigSources): Config<O> {
  const given = new Map<string, { value: unknown; from: string }>()
  for (const [key, value] of fromFile(sources.file)) given.set(key, { value, from: `file ${sources.file}` })
  for (const [key, value, from] of fromEnvironment(options, sources)) given.set(key, { value, from })
  for (const [key, value] of fromSets(sources.sets)) given.set(key, { value, from: '--set' })
  for (const [key, { from }] of given) if (!(key in options)) refuse(unknownKey(key, from, options))
  const entries = Object.entries(options).map(([key, option]) => {
    const found = given.get(key)
    return [key, found ? typed(key, option, found) : option.default]
  })
  return Object.fromEntries(entries) as Config<O>
}

/** The options as text for `--help`: one line each, with the environment variable's name. */
export function describeOptions(options: Options, envPrefix: string): string {
  return Object.entries(options)
    .map(([key, option]) => {
      const standard = option.default === undefined ? '' : ` [${String(option.default)}]`
      return `  ${key}${standard}\n      ${option.doc} (${environmentName(key, envPrefix)})`
    })
    .join('\n')
}

function refuse(text: string, cause?: unknown): never {
  throw new Failure('GH-CONFIG-001', text, { cause })
}

function environmentName(key: string, prefix: string): string {
  return prefix + key.replace(/[.-]/g, '_').toUpperCase()
}

function unknownKey(key: string, from: string, options: Options): string {
  const near = Object.keys(options).filter((known) => known.split('.')[0] === key.split('.')[0])
  const hint = near.length > 0 ? `Did you mean one of: ${near.join(', ')}?` : 'See --help for the options.'
  return `unknown option '${key}' (${from}). ${hint}`
}

function fromFile(file: string | undefined): [string, unknown][] {
  if (file === undefined) return []
  let parsed: unknown
  try {
    parsed = parseYaml(readFileSync(file, 'utf8'))
  } catch (error) {
    refuse(`configuration file ${file} cannot be read`, error)
  }
  if (parsed === null) return []
  if (typeof parsed !== 'object' || Array.isArray(parsed))
    refuse(`configuration file ${file} has to be a map of options`)
  return flatten(parsed as Record<string, unknown>, '')
}

/** `{http: {port: 1}}` and `{"http.port": 1}` say the same. */
function flatten(tree: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(tree).flatMap(([name, value]): [string, unknown][] => {
    const key = prefix + name
    const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isBranch ? flatten(value as Record<string, unknown>, `${key}.`) : [[key, value]]
  })
}

function fromEnvironment(options: Options, { env, envPrefix }: ConfigSources): [string, string, string][] {
  return Object.keys(options).flatMap((key): [string, string, string][] => {
    const name = environmentName(key, envPrefix)
    const value = env[name]
    return value === undefined ? [] : [[key, value, `environment ${name}`]]
  })
}

function fromSets(sets: readonly string[]): [string, string][] {
  return sets.map((set): [string, string] => {
    const at = set.indexOf('=')
    if (at < 1) refuse(`--set takes key=value, not '${set}'`)
    return [set.slice(0, at), set.slice(at + 1)]
  })
}

function typed(key: string, option: Option, { value, from }: { value: unknown; from: string }): unknown {
  const wrong = () => refuse(`option '${key}' has to be a ${option.type}, not '${String(value)}' (${from})`)
  switch (option.type) {
    case 'string':
      return typeof value === 'string' || typeof value === 'number' ? String(value) : wrong()
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof number === 'number' && Number.isFinite(number) ? number : wrong()
    }
    case 'boolean':
      if (value === true || value === 'true') return true
      return value === false || value === 'false' ? false : wrong()
    case 'list':
      if (typeof value === 'string') return value === '' ? [] : value.split(',').map((item) => item.trim())
      return Array.isArray(value) ? value.map(String) : wrong()
  }
}
