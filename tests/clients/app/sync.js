// The client side of docs/sync.md for WatermelonDB: what an app copies.
import { synchronize } from '@nozbe/watermelondb/sync/index.js'
import { setRawColumnChange } from '@nozbe/watermelondb/sync/helpers.js'
import { SERVER_COLUMNS, phoneColumns } from './schema.js'

const PUSH_NUMBER = 'push_number'

// `call(query, options)` is fetch on /v1/sync with the access token: the answer's JSON, or an Error
// with its `status`. Run one at a time.
export const sync = (database, call, log) =>
  synchronize({
    database,
    log,
    sendCreatedAsUpdated: true,
    migrationsEnabledAtVersion: 1,
    conflictResolver,
    pullChanges: async ({ lastPulledAt, schemaVersion, migration }) => {
      const { changes, timestamp } = await call(
        `?last_pulled_at=${lastPulledAt}&schema_version=${schemaVersion}` +
          `&migration=${encodeURIComponent(JSON.stringify(migration))}`,
      )
      // Before the library applies the pull: what is marked as changed wins over older rows.
      if (changes.notices.updated.some(saysResend(lastPulledAt))) await markAllAsChanged(database)
      return { changes, timestamp }
    },
    pushChanges: async ({ changes, lastPulledAt }) =>
      call(`?last_pulled_at=${lastPulledAt}&schema_version=${database.schema.version}`, {
        method: 'POST',
        headers: { 'X-Push-No': String(await nextPushNumber(database)) },
        body: JSON.stringify(changes),
      }),
  })

// A row that was never sent, as far as the phone knows, keeps its own cells: the server may have it
// from another device, or from a push whose answer was lost. What the server decides is the server's.
const conflictResolver = (table, local, remote, resolved) =>
  local._status === 'created'
    ? { ...resolved, ...local, ...pick(remote, SERVER_COLUMNS[table]) }
    : resolved

const pick = (row, names = []) => Object.fromEntries(names.map((name) => [name, row[name]]))

// Such a notice is for the phone that had pulled this cursor; the shopper's other phones see it, too.
const saysResend = (cursor) => ({ code, record }) =>
  code === 'resend' && record === `sync/${cursor}`

// The server was restored: everything that this phone holds of its own goes out again.
const markAllAsChanged = (database) =>
  database.write(async () => {
    const marked = []
    for (const table of Object.keys(database.schema.tables)) {
      const columns = phoneColumns(table).filter((name) => database.schema.tables[table].columns[name])
      if (columns.length) {
        for (const record of await database.get(table).query().fetch()) {
          marked.push(
            record.prepareUpdate(() =>
              columns.forEach((name) => setRawColumnChange(record._raw, name)),
            ),
          )
        }
      }
    }
    await database.batch(marked)
  })

// Kept before it is used: it must rise even if the app is killed.
const nextPushNumber = async (database) => {
  const number = ((await database.localStorage.get(PUSH_NUMBER)) ?? 0) + 1
  await database.localStorage.set(PUSH_NUMBER, number)
  return number
}
