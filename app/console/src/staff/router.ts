import { createRouter, createWebHistory } from 'vue-router'
import { Problem } from '../api/client'
import { home } from './rooms'
import { useSession } from './stores/session'

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/login', component: () => import('./rooms/Login.vue'), meta: { open: true } },
    { path: '/away', component: () => import('./rooms/Away.vue'), meta: { open: true } },
    {
      path: '/',
      component: () => import('./Frame.vue'),
      children: [
        { path: '', redirect: () => home(useSession().may) },
        { path: 'orders/:number([0-9]{24})?', component: () => import('./rooms/Orders.vue') },
        { path: 'board', component: () => import('./rooms/Dashboard.vue') },
        { path: 'intake', component: () => import('./rooms/Intake.vue') },
        { path: 'search', component: () => import('./rooms/Search.vue') },
        { path: 'applications', component: () => import('./rooms/Applications.vue') },
        { path: 'clusters', component: () => import('./rooms/Clusters.vue') },
        { path: 'people', component: () => import('./rooms/People.vue') },
        { path: 'units', component: () => import('./rooms/Units.vue') },
        { path: 'categories', component: () => import('./rooms/Categories.vue') },
        { path: 'catalogue', component: () => import('./rooms/Catalogue.vue') },
        { path: 'rules', component: () => import('./rooms/Rules.vue') },
        { path: 'privacy', component: () => import('./rooms/Privacy.vue') },
        { path: 'readings', component: () => import('./rooms/Readings.vue') },
        { path: 'records', component: () => import('./rooms/Records.vue') },
        { path: 'overdue', component: () => import('./rooms/Overdue.vue') },
        { path: 'print/:number([0-9]{24})', component: () => import('./rooms/Print.vue') },
        { path: 'letters/:number([0-9]{24})/:verb(urge|supervise)', component: () => import('./rooms/Letter.vue') },
        { path: 'progress', component: () => import('./rooms/Progress.vue') },
        { path: 'numbers/:number([0-9]{3,8})?', component: () => import('./rooms/Numbers.vue') },
        { path: 'list', component: () => import('./rooms/List.vue') },
        { path: 'transfers', component: () => import('./rooms/Transfers.vue') },
        { path: 'me', component: () => import('./rooms/Me.vue') },
        { path: ':rest(.*)*', redirect: '/' },
      ],
    },
  ],
})

// Nobody gets past the door without a name, and a password that somebody else set is changed before anything else.
router.beforeEach(async (to) => {
  const session = useSession()
  if (to.meta.open) return true
  if (!session.me) {
    try {
      if (!(await session.load())) return { path: '/login', query: { to: to.fullPath } }
    } catch (e) {
      const away = e instanceof Problem && (e.offline || e.status >= 500)
      return { path: away ? '/away' : '/login', query: { to: to.fullPath } }
    }
  }
  if (session.me?.mustChangePassword && to.path !== '/me') return '/me'
  return true
})
