import { Resolver as DnsResolver, lookup } from 'node:dns/promises'

export interface Address {
  address: string
  family: 4 | 6
}

/** An SRV record. */
export interface ServiceRecord {
  host: string
  port: number
  priority: number
  weight: number
}

/** Where names are looked up. Tests bring their own. */
export interface Resolver {
  /** @throws the error of the lookup when there is no address */
  addresses(host: string): Promise<Address[]>
  /** SRV records of a name like `_matrix-fed._tcp.example.org`; none where the answer is that there are none. */
  services(name: string): Promise<ServiceRecord[]>
}

/** Names by the operating system (so that `/etc/hosts` counts), SRV records by its DNS servers. */
export function systemResolver(): Resolver {
  const dns = new DnsResolver({ timeout: 3000, tries: 2 })
  return {
    async addresses(host) {
      const found = await lookup(host, { all: true, order: 'verbatim' })
      return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
    },
    async services(name) {
      const records = await dns.resolveSrv(name).catch(noneIfAbsent)
      // A target of "." means that the service is decidedly not there (RFC 2782).
      return records
        .filter((record) => record.name !== '' && record.name !== '.')
        .map(({ name: host, ...record }) => ({ host, ...record }))
    },
  }
}

function noneIfAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return []
  throw error
}
