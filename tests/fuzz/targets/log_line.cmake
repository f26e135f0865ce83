if(TARGET daicho_log)
  daicho_fuzz(log_line SOURCES ${CMAKE_CURRENT_LIST_DIR}/../log_line_fuzz.cc DEPS daicho_log)
endif()
