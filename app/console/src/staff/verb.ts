// What the program names in Chinese beside a stable word (an act by its verb, a guard by its code), in the language of the screen.
import { i18n } from './i18n'

const titled = (key: string, said: string) => {
  const { locale, t, te } = i18n.global
  return locale.value !== 'zh-CN' && te(key) ? t(key) : said
}

export const titleOfAct = (verb: string, said: string) => titled(`verb.${verb}`, said)

// titleOfListAct is the same for what is done with the list and a city's numbers.
export const titleOfListAct = (verb: string, said: string) => titled(`num.verb.${verb}`, said)

export const titleOfGuard = (code: string, said: string) => titled(`num.guard.${code}`, said)
