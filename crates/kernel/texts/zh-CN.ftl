## Every text a person reads. The order is that of en.ftl; a test holds the two to the same codes.
### Shared
point-longitude = 经度 { $value } 不在 -180 至 180 度之间。
point-latitude = 纬度 { $value } 不在 -90 至 90 度之间。

### Page
product-name = 呼应
product-motto = 街道有呼，部门有应。

### Import
import-row-width = 该行有 { $found } 个单元格，表头有 { $expected } 个。
import-row-encoding = 该行不是 UTF-8 文本。
import-row-length = 该行有单元格超过 64 KiB。
import-cell-empty = “{ $column }”为空。
import-cell-time = “{ $column }”不是映射文件所列格式的时间：{ $value }
import-cell-coordinate = “{ $column }”不是坐标：{ $value }
import-cell-on-time = “{ $column }”既不是按时也不是超时：{ $value }

### 区情档案

profile-file-missing = 缺少此文件。
profile-file-unreadable = 无法读取：{ $cause }。
profile-file-syntax = 格式有误：{ $cause }。
profile-file-empty = 没有数据行。
profile-column-missing = 缺少列“{ $column }”。
profile-column-unknown = 不认识列“{ $column }”。
profile-row-length = 应有 { $expected } 格，实有 { $found } 格。
profile-value-empty = 不可为空。
profile-value-excess = 此处应为空，不应写“{ $value }”。
profile-value-control = 含有控制字符。
profile-value-not-allowed = “{ $value }”不在可取值之内：{ $allowed }。
profile-value-not-a-number = “{ $value }”不是数。
profile-value-out-of-range = { $value } 不在 { $least } 至 { $most } 之间。
profile-value-not-a-date = “{ $value }”不是日期，应写作 YYYY-MM-DD。
profile-value-not-a-time = “{ $value }”不是时刻，应写作 HH:MM。
profile-value-not-a-limit = “{ $value }”不是时限：{ $cause }。
profile-value-not-a-colour = “{ $value }”不是颜色，应写作 #RRGGBB。
profile-value-not-a-zone = “{ $value }”不是 IANA 时区。
profile-value-not-an-action = “{ $value }”不是动作，应写作 名词.动词。
profile-duplicate = “{ $value }”重复，首见于第 { $first } 行。
profile-versions-overlap = “{ $value }”的有效期与第 { $first } 行重叠。
profile-period-empty = 失效日 { $until } 不晚于生效日 { $from }。
profile-unknown-level = 没有层级“{ $value }”。
profile-unknown-layer = 没有图层“{ $value }”。
profile-unknown-area = 没有区域“{ $value }”。
profile-unknown-road = 没有道路“{ $value }”。
profile-unknown-organization = 没有机构“{ $value }”。
profile-unknown-role = 没有角色“{ $value }”。
profile-unknown-post = 没有岗位“{ $value }”。
profile-unknown-class = 没有类别“{ $value }”。
profile-unknown-matter = 没有事项“{ $value }”。
profile-unknown-chain = 没有签批链“{ $value }”。
profile-area-root = 最上一层应有一个区域，实有 { $count } 个。
profile-area-parent-level = 上级“{ $parent }”不在上一层（{ $level }）。
profile-area-parent-period = 上级“{ $parent }”在 { $date } 无效。
profile-area-childless = “{ $value }”在 { $date } 没有下级区域。
profile-area-without-outline = “{ $value }”没有边界。
profile-outline-empty = “{ $value }”的边界面积为零。
profile-ring-short = “{ $value }”的边界环只有 { $count } 个点，至少要 4 个。
profile-ring-open = “{ $value }”的边界环未闭合。
profile-ring-crosses = “{ $value }”的边界在 { $longitude }, { $latitude } 自相交或自相接。
profile-areas-overlap = “{ $value }”与“{ $other }”在 { $longitude }, { $latitude } 附近重叠 { $area } 平方米。
profile-areas-gap = “{ $value }”旁在 { $longitude }, { $latitude } 附近有空隙 { $area } 平方米。
profile-areas-border = “{ $value }”与“{ $other }”在 { $longitude }, { $latitude } 附近的公共边没有共用顶点。
profile-parts-gap = “{ $value }”的下级区域在 { $longitude }, { $latitude } 附近少盖 { $area } 平方米。
profile-parts-excess = “{ $value }”的下级区域在 { $longitude }, { $latitude } 附近超出 { $area } 平方米。
profile-building-elsewhere = 楼栋“{ $value }”不在网格“{ $area }”内，而在{ $actual }。
profile-number-without-road = 有门牌号而无道路。
profile-organization-root = 应有一个 government 机构，实有 { $count } 个。
profile-organization-orphan = “{ $value }”没有上级机构。
profile-organization-circle = “{ $value }”的上级绕回它自己。
profile-organization-without-area = “{ $value }”应写明所辖区域。
profile-roster-missing = “{ $value }”负责紧急事项“{ $matter }”，却没有值班表。
profile-roster-hole = “{ $value }”在{ $day } { $time } 无人值班。
profile-roster-foreign-post = 岗位“{ $value }”不属于“{ $organization }”或其下级。
profile-lead-nobody = “{ $value }”在区域“{ $area }”找不到机构。
profile-limit-missing = 事项“{ $value }”缺少 { $stage } 时限。
profile-limit-needless = 事项“{ $value }”写明不计时，不应有时限。
profile-switch-without-ground = 打开“{ $value }”必须写明理由。
profile-calendar-year-missing = 缺少 { $year } 年的节假日文件。
profile-calendar-wrong-year = { $value } 不属于 { $year } 年。
profile-calendar-openings-overlap = { $day } 的办公时段在 { $time } 重叠。
