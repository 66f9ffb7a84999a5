import { ElMessage } from 'element-plus'
import 'element-plus/theme-chalk/el-message.css'

// say is a short word that something was done; what failed is said where it happened and stays there.
export function say(message: string) {
  ElMessage({ message, type: 'success', duration: 2500, grouping: true })
}
