/** Whose request it is when proxies stand before us. */
import { BlockList, isIP } from 'node:net'
import { OptionError } from '../../sansio/option-error.ts'
import type { IncomingRequest, RequestContext } from '../../upload/request.ts'

/** Tells a client's address from a request. */
export type RemoteAddress = (request: Pick<IncomingRequest, 'headers'>, context: RequestContext) => string | undefined

/**
 * Reads `X-Forwarded-For` from its end, as far as those who wrote it are trusted: what a client puts there itself stands
 * before that and is not believed.
 *
 * @param trustedProxies addresses and networks, e.g. `['127.0.0.1', '10.0.0.0/8']`
 * @throws OptionError
 * Source: RFC 7239 section 5.3 (on lists of several proxies), MDN "X-Forwarded-For", "Selecting an IP address".
 */
export function defineRemoteAddress(trustedProxies: readonly string[] | undefined): RemoteAddress {
  if (trustedProxies === undefined || trustedProxies.length === 0) return (_request, { remoteAddress }) => remoteAddress
  const isTrusted = trusting(trustedProxies)
  return ({ headers }, { remoteAddress }) => {
    if (remoteAddress === undefined || !isTrusted(remoteAddress)) return remoteAddress
    const hops = (headers.get('x-forwarded-for') ?? '').split(',').map(hop => bare(hop.trim()))
    let client = remoteAddress
    for (const hop of hops.reverse()) {
      if (isIP(hop) === 0) break
      client = hop
      if (!isTrusted(hop)) break
    }
    return client
  }
}

function trusting(trustedProxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  if (!Array.isArray(trustedProxies)) return refuse(trustedProxies)
  for (const entry of trustedProxies) {
    const [address = '', prefix] = typeof entry === 'string' ? entry.split('/', 2) : []
    const family = isIP(address)
    const bits = prefix === undefined ? undefined : Number(prefix)
    if (family === 0 || !(bits === undefined || /^\d{1,3}$/.test(prefix ?? ''))) refuse(entry)
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, type)
    else if (bits <= (family === 6 ? 128 : 32)) list.addSubnet(address, bits, type)
    else refuse(entry)
  }
  return address => {
    const plain = bare(address)
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Without brackets, port, and the prefix of an IPv4 address in IPv6 clothes. */
function bare(address: string): string {
  const unbracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? address
  const ported = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(unbracketed)?.[1] ?? unbracketed
  return ported.replace(/^::ffff:(?=\d+\.)/i, '')
}

function refuse(value: unknown): never {
  throw new OptionError('trustedProxies', value, 'addresses and networks of proxies, e.g. ["127.0.0.1", "10.0.0.0/8"]')
}
