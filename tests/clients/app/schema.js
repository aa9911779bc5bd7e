// The tables of docs/sync.md, as an app declares them; `name:type` where it is not a text.
import { appSchema, tableSchema } from '@nozbe/watermelondb'
import migrations from '@nozbe/watermelondb/Schema/migrations/index.js'

const { schemaMigrations, createTable, addColumns } = migrations

const COLUMNS = {
  assignments:
    'brand_id store_id checklist_id campaign attempt:number part_of status scenario ' +
    'persona_id opens_at:number closes_at:number fee:number currency',
  stores:
    'code name address city country latitude:number longitude:number timezone format ownership',
  checklists: 'title version:number locales document closing_at:number',
  promises: 'brand_id name statement kind translations',
  personas:
    'brand_id name behaviour functional_needs relational_needs ambitions history technology ' +
    'paths translations traits',
  reviews: 'report_id revision:number outcome message items due_at:number created_at:number',
  notices: 'record code message created_at:number',
  assignment_responses: 'response reason responded_at:number',
  reports:
    'assignment_id attempt:number checklist_id revision:number started_at:number ended_at:number ' +
    'latitude:number longitude:number accuracy_m:number summary answer_count:number ' +
    'photo_count:number submitted_at:number updated_at:number',
  answers: 'report_id item_key value note answered_at:number updated_at:number',
  photos:
    'report_id item_key sha256 bytes:number content_type taken_at:number latitude:number ' +
    'longitude:number state',
  touchpoint_proposals: 'assignment_id title description stage channel proposed_at:number',
  messages: 'report_id author text sent_at:number created_at:number',
}

// What version 2 of the app gained.
const GAINED = {
  assignments: ['persona_id'], stores: ['format', 'ownership'], reports: ['summary'],
}
const GAINED_TABLES = ['touchpoint_proposals', 'personas']

// What the server decides in tables that are otherwise the phone's.
export const SERVER_COLUMNS = {
  photos: ['state'],
  reports: ['revision', 'checklist_id'],
  messages: ['author', 'created_at'],
}

const PHONES = [
  'assignment_responses', 'reports', 'answers', 'photos', 'touchpoint_proposals', 'messages',
]

// Columns that WatermelonDB wants to be numbers always.
const STAMPS = ['created_at', 'updated_at']

const column = (text) => {
  const [name, type = 'string'] = text.split(':')
  return { name, type, isOptional: !STAMPS.includes(name) }
}

const columns = (table, version) =>
  COLUMNS[table]
    .split(' ')
    .map(column)
    .filter(({ name }) => version > 1 || !GAINED[table]?.includes(name))

// The columns that the phone writes, by table.
export const phoneColumns = (table) =>
  PHONES.includes(table)
    ? COLUMNS[table]
        .split(' ')
        .map((text) => column(text).name)
        .filter((name) => !SERVER_COLUMNS[table]?.includes(name))
    : []

export const schemaOf = (version) =>
  appSchema({
    version,
    tables: Object.keys(COLUMNS)
      .filter((table) => version > 1 || !GAINED_TABLES.includes(table))
      .map((name) => tableSchema({ name, columns: columns(name, version) })),
  })

export const migrationsOf = (version) =>
  schemaMigrations({
    migrations: version < 2 ? [] : [{ toVersion: 2, steps: [
      ...GAINED_TABLES.map((name) => createTable({ name, columns: columns(name, 2) })),
      ...Object.entries(GAINED).map(([table, names]) =>
        addColumns({ table, columns: columns(table, 2).filter(({ name }) => names.includes(name)) }),
      ),
    ] }],
  })
