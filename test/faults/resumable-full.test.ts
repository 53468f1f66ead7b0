/** A disk that is full, for real: what was acknowledged stays, and freed space goes on. */
import { readdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskStorage } from '../../src/disk.ts'
import { mounted } from './disk-mounts.ts'
import { contentAt } from './resumable-content.ts'

const id = 'resumable-on-a-full-disk'

test('a full disk gives 507, what was acknowledged stays readable, and freed space goes on', async context => {
  const folder = await mounted(context, '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs')
  const storage = diskStorage(folder)
  await storage.prepare()
  const { resumable } = storage
  await writeFile(join(folder, 'ballast'), new Uint8Array(1_000_000))
  await resumable.create(id, '0')
  await resumable.write(id, 0, [contentAt(id, 0, 500_000)])
  await resumable.save(id, '500000')

  const full = { code: 'storage-full', status: 507 }
  await expect(resumable.write(id, 500_000, [new Uint8Array(2_000_000)])).rejects.toMatchObject(full)
  await expect(resumable.create(`another-${id}`, '0')).rejects.toMatchObject(full)
  // A record that outgrows its slots needs space too; the old one stays.
  await expect(resumable.save(id, 'x'.repeat(50_000))).rejects.toMatchObject(full)
  await resumable.save(id, '500000 again')
  expect(await resumable.load(id)).toBe('500000 again')
  expect(Buffer.compare(await resumable.readAt(id, 0, 500_000), contentAt(id, 0, 500_000))).toBe(0)
  expect((await readdir(join(folder, '.dropgate'))).sort()).toEqual([`${id}.data`, `${id}.record`])

  await unlink(join(folder, 'ballast'))
  await resumable.write(id, 500_000, [contentAt(id, 500_000, 300_000)])
  await resumable.save(id, '800000')
  expect(await resumable.commit([{ id, name: 'a.bin', size: 800_000 }])).toMatchObject([
    { name: 'a.bin', size: 800_000 },
  ])
})
