## Every text a person reads. The order is that of zh-CN.ftl; a test holds the two to the same codes.
### Shared
point-longitude = Longitude { $value } is not between -180 and 180 degrees.
point-latitude = Latitude { $value } is not between -90 and 90 degrees.
