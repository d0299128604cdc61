import ipaddr from 'ipaddr.js'

/**
 * Whether an address belongs to the public Internet.
 *
 * Addresses that carry an IPv4 address inside (IPv4-mapped, NAT64, 6to4) are as public as what they carry.
 * What cannot be parsed is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv6) return isPublicIPv6(parsed)
  return parsed.range() === 'unicast'
}

function isPublicIPv6(address: ipaddr.IPv6): boolean {
  const embedded = embeddedIPv4(address)
  if (embedded) return embedded.range() === 'unicast'
  // Only 2000::/3 is allocated to the public. This also leaves out the old IPv4-compatible form, ::127.0.0.1.
  return address.range() === 'unicast' && ((address.parts[0] ?? 0) & 0xe000) === 0x2000
}

function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const bytes = address.toByteArray()
  const range = address.range()
  if (range === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6))
  const isWellKnownNat64 = address.match(wellKnownNat64)
  if (range === 'ipv4Mapped' || isWellKnownNat64) return new ipaddr.IPv4(bytes.slice(12))
  return undefined
}

/** RFC 6052. The local-use prefix of RFC 8215 has no fixed place for the IPv4 address and is never public. */
const wellKnownNat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')
