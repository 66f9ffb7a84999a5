import { createI18n } from 'vue-i18n'
import zh from './locale/zh-CN'

export type Language = 'zh-CN' | 'en'
const key = 'hotline.language'

export const i18n = createI18n({ legacy: false, locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: { 'zh-CN': zh } as Record<string, typeof zh>, missingWarn: false, fallbackWarn: false })

// speak changes the language of the screen; English is fetched by who wants it. What the program refuses it words in the same language (client.ts).
// The choice is kept at once, for who goes on to another page while the words are still coming.
export async function speak(language: Language) {
  localStorage.setItem(key, language)
  if (language === 'en') i18n.global.setLocaleMessage('en', (await import('./locale/en')).default)
  if (localStorage.getItem(key) !== language) return // another one was chosen meanwhile
  i18n.global.locale.value = language
  document.documentElement.lang = language
}

if (localStorage.getItem(key) === 'en') void speak('en')
