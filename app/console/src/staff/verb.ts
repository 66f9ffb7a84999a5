// What an act is called: as the program says in Chinese, by the word of its verb in another language.
import { i18n } from './i18n'

export function titleOfAct(verb: string, said: string): string {
  const { locale, t, te } = i18n.global
  return locale.value !== 'zh-CN' && te(`verb.${verb}`) ? t(`verb.${verb}`) : said
}
