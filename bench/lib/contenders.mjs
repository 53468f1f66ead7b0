/** Who takes part, in groups that scenarios and targets speak of. */

/** JavaScript peers that store a file while it arrives. */
export const streamingPeers = ['multer', 'formidable', 'fastify-multipart', 'busboy', 'fastify-busboy', 'multiparty']
/** And those that keep it in memory first. */
export const peers = [...streamingPeers, 'remix', 'native-formdata']
/** No parser, no checks: the bounds. */
export const raw = ['raw-pipe', 'raw-batch', 'raw-sync']
/** Ours. The claims are about the first two. */
export const ours = ['dropgate-node', 'dropgate-express', 'dropgate-node+fsync', 'dropgate-express+fsync']

/** How they are called in tables. */
export const titles = {
  'dropgate-node': 'Dropgate, node:http',
  'dropgate-express': 'Dropgate, Express',
  'dropgate-node+fsync': 'Dropgate, node:http, durable',
  'dropgate-express+fsync': 'Dropgate, Express, durable',
  'dropgate-direct': 'Dropgate, final name at once',
  'fastify-multipart': '@fastify/multipart',
  'fastify-busboy': '@fastify/busboy',
  remix: '@remix-run/form-data-parser',
  'scan-floor': 'bare indexOf',
  'dropgate-parser': 'Dropgate, parser alone',
  dropgate: 'Dropgate',
  'native-formdata': 'native formData()',
  'tus-server': '@tus/server',
  'raw-pipe+fsync': 'raw-pipe, durable',
  'raw-batch+fsync': 'raw-batch, durable',
}

export const titleOf = contender => titles[contender] ?? contender
