## Every text a person reads. The order is that of zh-CN.ftl; a test holds the two to the same codes.
### Shared
point-longitude = Longitude { $value } is not between -180 and 180 degrees.
point-latitude = Latitude { $value } is not between -90 and 90 degrees.

### Page
product-name = Huying
product-motto = The street calls, departments answer.

### Import
import-row-width = The row has { $found } cells, the header { $expected }.
import-row-encoding = The row is not UTF-8 text.
import-row-length = A cell of the row is longer than 64 KiB.
import-cell-empty = "{ $column }" is empty.
import-cell-time = "{ $column }" holds no time in a form the map names: { $value }
import-cell-coordinate = "{ $column }" holds no coordinate: { $value }
import-cell-on-time = "{ $column }" says neither on time nor overdue: { $value }
