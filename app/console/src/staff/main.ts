import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-icon.css'
import '../shared/tokens.css'
import './base.css'
import './element.css'
import { applyPreferences } from '../shared/theme'
import App from './App.vue'
import { i18n } from './i18n'
import { router } from './router'

applyPreferences()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyPreferences)
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app')
