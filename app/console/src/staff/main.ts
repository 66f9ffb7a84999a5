import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-overlay.css'
import 'element-plus/theme-chalk/el-icon.css'
import '../shared/tokens.css'
import './base.css'
import './element.css'
import { sweepDrafts } from '../shared/draft'
import { applyPreferences } from '../shared/theme'
import App from './App.vue'
import { i18n } from './i18n'
import { router } from './router'
import { useSession } from './stores/session'

sweepDrafts()
setInterval(sweepDrafts, 3600_000)
applyPreferences()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyPreferences)
const app = createApp(App).use(createPinia())
useSession().watch()
app.use(i18n).use(router).mount('#app')
