// What the nation says of a number of the register (号码): the mode of the list, the whole merge of a local one, or that it was granted.
export const baseline = (t: (key: string) => string, n: { origin: string; baseline: string }) => {
  if (n.origin === 'LOCAL') return t('num.localMust')
  return t(n.baseline === 'MODE_UNSPECIFIED' ? 'num.granted' : `nat.mode.${n.baseline}`)
}
