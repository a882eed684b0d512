## Every text a person reads. The order is that of en.ftl; a test holds the two to the same codes.
### Shared
point-longitude = 经度 { $value } 不在 -180 至 180 度之间。
point-latitude = 纬度 { $value } 不在 -90 至 90 度之间。
