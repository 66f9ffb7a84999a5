// Leaves a gzip and a brotli form beside each file of the build that gains by it, so that the program never packs at run time.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('pages/dist', import.meta.url).pathname
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(entry.name)) continue
  const file = join(entry.parentPath, entry.name)
  const body = readFileSync(file)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length }
  for (const [suffix, packed] of [['.gz', gzipSync(body, { level: 9 })], ['.br', brotliCompressSync(body, { params })]]) {
    if (packed.length < body.length * 0.95) writeFileSync(file + suffix, packed)
  }
}
