// The phone's database: WatermelonDB over LokiJS in one file.
import { Database, Model } from '@nozbe/watermelondb'
import lokiAdapter from '@nozbe/watermelondb/adapters/lokijs/index.js'
import loki from 'lokijs/src/lokijs.js'
import { migrationsOf, schemaOf } from './schema.js'

// LokiJS's own cannot delete what is not there, which WatermelonDB does with a new database.
class FileAdapter extends loki.LokiFsAdapter {
  deleteDatabase(name, callback) {
    this.fs.rm(name, { force: true }, () => callback())
  }
}

// Opens the file at `path` with the schema of an app's `version`.
export const open = (path, version) => {
  const schema = schemaOf(version)
  const adapter = new lokiAdapter.default({
    schema,
    migrations: migrationsOf(version),
    dbName: path,
    useWebWorker: false,
    useIncrementalIndexedDB: false,
    _testLokiAdapter: new FileAdapter(),
    onSetUpError: (error) => console.error(error),
    extraLokiOptions: { autosave: false },
  })
  const modelClasses = Object.keys(schema.tables).map(
    (table) =>
      class extends Model {
        static table = table
      },
  )
  return new Database({ adapter, modelClasses })
}

// On a phone SQLite commits each write; LokiJS is told to.
export const save = (database) =>
  new Promise((resolve, reject) =>
    database.adapter.underlyingAdapter._driver.loki.saveDatabase((error) =>
      error ? reject(error) : resolve(),
    ),
  )

const held = async (database, table, id) => {
  const [record] = (await database.get(table).query().fetch()).filter((each) => each.id === id)
  return record
}

// Upsert the row of that id, as screens of an app do.
export const write = (database, table, id, values) =>
  database.write(async () => {
    const assign = (record) =>
      Object.entries(values).forEach(([name, value]) => record._setRaw(name, value))
    const record = await held(database, table, id)
    if (record) return record.update(assign)
    return database.get(table).create((fresh) => {
      fresh._raw.id = id
      assign(fresh)
    })
  })

export const remove = (database, table, id) =>
  database.write(async () => (await held(database, table, id)).markAsDeleted())

// All rows of a table as the database keeps them, with _status and _changed.
export const rows = async (database, table) =>
  (await database.get(table).query().fetch()).map((record) => ({ ...record._raw }))
