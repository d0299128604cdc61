/** Runs in a page. @returns all that the origin keeps in this browser, as one text */
export async function allThatIsStored(): Promise<string> {
  const kept: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie]
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const contents = database.transaction(store).objectStore(store)
      kept.push(await done(contents.getAll()), await done(contents.getAllKeys()))
    }
    database.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const { url } of await cache.keys()) kept.push(url)
  }
  return JSON.stringify(kept)

  function done<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  }
}
