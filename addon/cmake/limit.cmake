# cmake -DFILE=… -DLIMIT=bytes -P limit.cmake: fails where the file is larger.
file(SIZE ${FILE} size)
if(size GREATER LIMIT)
    message(FATAL_ERROR "${FILE} has ${size} bytes; the limit is ${LIMIT}")
endif()
