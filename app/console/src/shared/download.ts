// A file that came in an answer (导出文件), given to the person as a download. Nothing is opened in a window: it would be a page of ours.
export function download(sheet: { filename: string; contentType: string; content: string }) {
  const bytes = Uint8Array.from(atob(sheet.content), (c) => c.charCodeAt(0))
  const url = URL.createObjectURL(new Blob([bytes], { type: sheet.contentType }))
  const link = Object.assign(document.createElement('a'), { href: url, download: sheet.filename })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
