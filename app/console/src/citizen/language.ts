import type zh from './zh-CN'

interface I18n { global: { locale: { value: string }; setLocaleMessage(locale: string, messages: typeof zh): void } }

// speak is set once at start; English is fetched by who wants it.
export let speak: (language: string) => Promise<void> = () => Promise.resolve()

export function setLanguage(i18n: unknown) {
  const { global } = i18n as I18n
  speak = async (language) => {
    if (language === 'en') global.setLocaleMessage('en', (await import('./en')).default)
    global.locale.value = language
    document.documentElement.lang = language
    localStorage.setItem('hotline.language', language)
  }
  if (localStorage.getItem('hotline.language') === 'en') void speak('en')
}
