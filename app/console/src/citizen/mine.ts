// The request looked at last in this tab, so that the citizen need not type twice; gone with the tab.
export interface Mine { city: string; number: string; code: string }
const key = 'hotline.mine'

export const remember = (m: Mine) => sessionStorage.setItem(key, JSON.stringify(m))
export const forget = () => sessionStorage.removeItem(key)
export function mine(): Mine | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Mine | null
  } catch {
    return null
  }
}
