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
