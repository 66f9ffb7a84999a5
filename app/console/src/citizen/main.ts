import { createApp } from 'vue'
import { createI18n } from 'vue-i18n'
import { createRouter, createWebHistory } from 'vue-router'
import '../shared/tokens.css'
import './citizen.css'
import { applyPreferences } from '../shared/theme'
import App from './App.vue'
import Home from './Home.vue'
import { setLanguage } from './language'
import zh from './zh-CN'

applyPreferences()
document.documentElement.classList.toggle('large', localStorage.getItem('hotline.large') === 'yes')

const i18n = createI18n({ legacy: false, locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: { 'zh-CN': zh } as Record<string, typeof zh>, missingWarn: false, fallbackWarn: false })
const router = createRouter({
  history: createWebHistory('/'),
  scrollBehavior: () => ({ top: 0 }),
  routes: [
    { path: '/', component: Home },
    { path: '/file', component: () => import('./File.vue') },
    { path: '/follow', component: () => import('./Follow.vue') },
    { path: '/register', component: () => import('./Register.vue') },
    { path: '/rate/:city([0-9]{6})/:token', component: () => import('./Rate.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
router.afterEach(() => void Promise.resolve().then(() => document.getElementById('main')?.focus()))

setLanguage(i18n)
createApp(App).use(i18n).use(router).mount('#app')
