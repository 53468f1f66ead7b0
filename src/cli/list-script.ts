/**
 * The script of the drop page: when uploads have finished, it fetches the page again and takes the list from it, so
 * that new files can be downloaded without a reload. Without it everything else works.
 */
export const listScript = `addEventListener('load', () => {
  const refresh = async () => {
    const answer = await fetch('/', { headers: { Accept: 'text/html' } })
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.files')
    if (fresh) document.querySelector('.files').replaceWith(fresh)
  }
  for (const area of document.querySelectorAll('[data-dropgate]')) {
    area.dropzone?.on('queuecomplete', () => refresh().catch(() => {}))
  }
})
`
